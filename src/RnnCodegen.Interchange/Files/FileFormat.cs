namespace RnnCodegen.Interchange;

/// <summary>A row of the table of formats: how a file of it is told, and what reads it.</summary>
/// <param name="Name">What a person calls it.</param>
/// <param name="Matches">Whether a file is one.</param>
/// <param name="Open">Reads a file, given the name; null of a format that is refused.</param>
/// <param name="Cure">What to do with a file of a format that is refused.</param>
internal sealed record FileFormat(string Name, Func<FileHead, bool> Matches, Func<string, string, ModelFile>? Open, string Cure = "")
{
    private const string ToOnnx = "Convert it to ONNX, e.g. with tf2onnx, and import that.";

    /// <summary>The formats; those that are told by clear marks first.</summary>
    public static IReadOnlyList<FileFormat> All { get; } =
    [
        new("TensorFlow Lite", f => f.HasAt(4, "TFL3"u8), null, ToOnnx),
        new("GGUF", f => f.HasAt(0, "GGUF"u8), null, "Such files hold transformers; import the recurrent model from PyTorch, Keras or ONNX."),
        new("safetensors", IsSafeTensors, OpenSafeTensors),
        new("a TensorFlow graph", IsTensorFlow, null, ToOnnx),
    ];

    private static bool IsSafeTensors(FileHead file) =>
        file.Bytes.Length > 8 && file.Bytes[8] == (byte)'{' && BitConverter.ToUInt64(file.Bytes) < (ulong)file.FileLength || file.Extension == ".safetensors";

    // A GraphDef starts with its first node (field 1) and the node with its name; a SavedModel with its version and meta graph.
    private static bool IsTensorFlow(FileHead file) =>
        file.Extension == ".pb" && (file.HasAt(0, "\n"u8) || file.HasAt(0, "\b\u0001\u0012"u8));

    private static ModelFile OpenSafeTensors(string path, string format)
    {
        var file = SafeTensorsFile.Read(path);
        return new ModelFile(path, format)
        {
            Metadata = file.Metadata,
            Tensors = [.. file.Tensors.Select(t => new FileTensor(t.Name, t.DataType, t.Shape, Numbers(t)))],
            Reason = "it holds weights and does not say which layers they are of.",
        };
    }

    /// <summary>The values as floats; null where the type has none.</summary>
    private static float[]? Numbers(SafeTensor tensor)
    {
        try
        {
            return tensor.ToFloats();
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException)
        {
            return null;
        }
    }
}
