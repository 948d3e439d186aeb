namespace RnnCodegen.Interchange;

/// <summary>Formats that people have models in and that are not read, with what to do about each.</summary>
internal static class UnreadFormats
{
    private const string SaveStateDict = "Load it where it was made, and save the state dict: torch.save(model.state_dict(), 'model.pt').";

    /// <summary>The formats; those that are told by clear marks first.</summary>
    public static IReadOnlyList<FileFormat> All { get; } =
    [
        new("a gzip file", f => f.HasAt(0, [0x1F, 0x8B]), null, "Unpack it (gunzip, or tar xzf) and give the file inside."),
        new("a PyTorch program of torch.export",
            f => f.Extension == ".pt2"
                || f.Entries.Any(e => e == "archive_format" || e.EndsWith("/archive_format", StringComparison.Ordinal)),
            null,
            "Save its weights, torch.save(torch.export.load('model.pt2').state_dict, 'model.pt'), or write ONNX with torch.onnx.export."),
        new("a model of ML.NET", f => f.Entries.Any(e => e.StartsWith("TransformerChain", StringComparison.Ordinal)), null,
            "Write it as ONNX: mlContext.Model.ConvertToOnnx(model, data, stream)."),
        new("a tar archive", f => f.HasAt(257, "ustar"u8) || f.Extension is ".tar" or ".nemo", null,
            "Unpack it (tar xf) and give the file of weights inside; of a NeMo model that is model_weights.ckpt."),
        new("a NumPy array", f => f.HasAt(0, [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']), null,
            "One array has no names: write all of a model's with numpy.savez('model.npz', **arrays)."),
        new("a TensorFlow checkpoint",
            f => f.Extension is ".index" or ".meta" || f.Path.Contains(".data-0", StringComparison.Ordinal), null,
            "It has no layers: save the Keras model (model.save('model.keras')), or freeze the graph to a .pb file."),
        new("a Python pickle", f => f.Bytes is [0x80, >= 2 and <= 5, ..], null,
            $"Only what torch.save writes of tensors is read, and nothing is executed. {SaveStateDict}"),
    ];
}
