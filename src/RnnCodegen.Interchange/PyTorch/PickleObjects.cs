namespace RnnCodegen.Interchange;

/// <summary>A name that a pickle refers to, e.g. <c>torch.FloatStorage</c>; never looked up anywhere.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A dictionary of a pickle in the order of its items.</summary>
internal sealed class PickleDictionary
{
    /// <summary>Keys and values; a key may occur twice.</summary>
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>What a pickle's objects become; each refuses what it does not know.</summary>
internal interface IPickleObjects
{
    /// <summary>Whether a name may be referred to.</summary>
    bool Knows(string global);

    /// <summary>What calling a known name gives.</summary>
    object Call(string global, object?[] arguments);

    /// <summary>What a persistent id stands for.</summary>
    object Load(object?[] id);
}
