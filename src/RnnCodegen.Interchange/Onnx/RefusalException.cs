namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// A node that cannot be followed. Never leaves the importer: the reason
/// becomes that of a value, and an error only where the value is needed.
/// </summary>
/// <param name="reason">Why.</param>
/// <param name="isWhole">Whether the reason says all, also why a value that the node reads was refused before.</param>
/// <param name="axes">The axes of what the node makes, where they are known all the same.</param>
internal sealed class RefusalException(string reason, bool isWhole = false, Axis[]? axes = null) : Exception(reason)
{
    /// <summary>The axes of what the node makes, for whoever begins with it; null where they are not known.</summary>
    public Axis[]? Axes => axes;

    /// <summary>Whether the reason says all.</summary>
    public bool IsWhole => isWhole;
}
