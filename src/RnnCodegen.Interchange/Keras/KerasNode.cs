namespace RnnCodegen.Interchange;

/// <summary>A layer to write: what Keras calls it, its options, its sources and its variables.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ClassName">Its class.</param>
/// <param name="Config">Its options but the name.</param>
/// <param name="Sources">Names of the layers it is called on.</param>
/// <param name="Width">Features of its output.</param>
/// <param name="HasTime">Whether its output is a sequence.</param>
internal sealed record KerasNode(
    string Name, string ClassName, Dictionary<string, object?> Config, IReadOnlyList<string> Sources, int Width, bool HasTime)
{
    /// <summary>Its variables, by the path of attributes that leads to them, in order.</summary>
    public List<(string Path, KerasArray Array)> Variables { get; } = [];

    /// <summary>The layer as Keras serialises one inside another or in a model.</summary>
    public static Dictionary<string, object?> Serialized(string className, Dictionary<string, object?> config, string? name = null) => new()
    {
        ["module"] = "keras.layers",
        ["class_name"] = className,
        ["config"] = name is null ? config : new Dictionary<string, object?>(config) { ["name"] = name },
        ["registered_name"] = null,
    };
}
