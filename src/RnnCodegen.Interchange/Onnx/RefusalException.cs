namespace RnnCodegen.Interchange.Onnx;

/// <summary>A node that cannot be followed. Never leaves the importer: the reason becomes that of a value, and an error only where the value is needed.</summary>
internal sealed class RefusalException(string reason) : Exception(reason);
