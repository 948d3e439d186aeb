namespace RnnCodegen.Interchange;

/// <summary>A name that a pickle refers to, e.g. <c>torch.FloatStorage</c>; never looked up anywhere.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A dictionary of a pickle in the order of its items.</summary>
internal sealed class PickleDictionary
{
    /// <summary>Keys and values; a key may occur twice.</summary>
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>An object that is not made, of a class that is not looked up; it is what the pickle says of it, for messages.</summary>
/// <param name="Class">The class's name, or what the object is.</param>
internal sealed record PickleForeign(string Class)
{
    /// <summary>What it would be made of: arguments, items and attributes.</summary>
    public List<object?> Parts { get; } = [];
}

/// <summary>What a pickle's objects become.</summary>
internal interface IPickleObjects
{
    /// <summary>Whether calls of a name make something that is read; of other names, objects are passed over.</summary>
    bool Knows(string global);

    /// <summary>What calling a known name gives.</summary>
    object Call(string global, object?[] arguments);

    /// <summary>What a persistent id stands for.</summary>
    object Load(object?[] id);
}
