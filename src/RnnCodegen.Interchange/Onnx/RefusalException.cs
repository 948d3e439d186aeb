namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// A node that cannot be followed. Never leaves the importer: the reason
/// becomes that of a value, and an error only where the value is needed.
/// </summary>
/// <param name="reason">Why.</param>
/// <param name="isWhole">Whether the reason says all, also why a value that the node reads was refused before.</param>
internal sealed class RefusalException(string reason, bool isWhole = false) : Exception(reason)
{
    /// <summary>Whether the reason says all.</summary>
    public bool IsWhole => isWhole;
}
