using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Interchange.Rnnoise;
using RnnCodegen.Interchange.TensorFlow;

namespace RnnCodegen.Interchange;

/// <summary>Reads a file.</summary>
/// <param name="path">The file.</param>
/// <param name="format">What its format is called.</param>
/// <param name="part">What of it to make a model of.</param>
internal delegate ModelFile OpenFile(string path, string format, FilePart part);

/// <summary>What of a file to make a model of, and in which order.</summary>
/// <param name="Name">The name of an output of a graph, or what the names of a state dict start with; null for the whole.</param>
/// <param name="Order">The names of a state dict's modules in the order of computation; null where the file is to tell it.</param>
/// <param name="Graph">What is chosen of a graph; null where nothing is.</param>
/// <param name="Architecture">The file of a Keras model's JSON, for a file of its weights alone; null where the file has both.</param>
internal sealed record FilePart(
    string? Name, IReadOnlyList<string>? Order, OnnxImportOptions? Graph = null, string? Architecture = null);

/// <summary>A row of the table of formats: how a file of it is told, and what reads it.</summary>
/// <param name="Name">Its name for a person.</param>
/// <param name="Matches">Whether a file is one.</param>
/// <param name="Open">Reads a file; null of a format that is refused.</param>
/// <param name="Cure">What to do with a file of a format that is refused.</param>
internal sealed record FileFormat(string Name, Func<FileHead, bool> Matches, OpenFile? Open, string Cure = "")
{
    /// <summary>
    /// The formats; those that are told by clear marks first. A TensorFlow graph starts with its first node (field 1), a SavedModel with
    /// its version and meta graph.
    /// </summary>
    public static IReadOnlyList<FileFormat> All { get; } =
    [
        new("TensorFlow Lite", f => f.HasAt(4, "TFL3"u8), WithoutOrder(TensorFlowFiles.OpenLite)),
        new("GGUF", f => f.HasAt(0, "GGUF"u8), null,
            "Such files hold transformers; import the recurrent model from PyTorch, Keras or ONNX."),
        new("safetensors", IsSafeTensors, OpenSafeTensors),
        new("Keras HDF5", f => Hdf5File.IsHdf5(f.Bytes), OpenKeras),
        new("Keras archive", f => f.Entries.Any(KerasImporter.IsConfiguration), OpenKeras),
        new("Neural Amp Modeler", IsNam, (path, format, part) => OpenWhole(path, format, part, NamFile.Import(path))),
        new("a Keras model's JSON", f => f.Json.Contains("\"class_name\":") && !f.Json.Contains("\"in_shape\":"), null,
            "It has no weights: give it with the file that has them, --architecture model.json, as in " +
            "'rnncodegen import model.weights.h5 --architecture model.json'."),
        new("RTNeural JSON", f => f.Json.Contains("\"in_shape\":") || f.Json.Contains("\"layers\":"),
            (path, format, part) => OpenWhole(path, format, part, KerasJsonFile.Import(path))),
        new("PyTorch state dict as JSON", f => StateDictJson.Matches(f.Json), OpenStateDictJson),
        new("PyTorch", IsPyTorch, OpenPyTorch),
        new("TorchSharp", TorchSharpFile.Matches, (path, format, part) =>
            OpenWeights(path, format, part, TorchSharpFile.Read(path), new Dictionary<string, string>(), TensorOrder.Modules)),
        new("RNNoise", f => f.HasAt(0, "rnnoise-nu model file"u8) || RnnoiseTables.Matches(f.Text), OpenRnnoise),
        new("NumPy archive", f => f.Entries.Any(e => e.EndsWith(".npy", StringComparison.Ordinal)), OpenNumPy),
        new("TensorFlow SavedModel", f => f.Extension == ".pb" && f.HasAt(0, "\b\u0001\u0012"u8), null,
            "Its weights are in other files. Import the Keras model (model.save('model.keras')), or convert the folder with tf2onnx."),
        new("TensorFlow graph", f => f.Extension == ".pb" && f.HasAt(0, "\n"u8), WithoutOrder(TensorFlowFiles.OpenGraph)),
        new("ONNX", IsOnnx, OpenOnnx),
        .. UnreadFormats.All,
    ];

    private static bool IsSafeTensors(FileHead file) =>
        file.Bytes.Length > 8 && file.Bytes[8] == (byte)'{' && BitConverter.ToUInt64(file.Bytes) < (ulong)file.FileLength
            || file.Extension == ".safetensors";

    // The weights may stand before the version, further on than what is looked at.
    private static bool IsNam(FileHead file) =>
        file.Json is var json && json.Contains("\"architecture\":") && !json.Contains("\"in_shape\":")
        && (json.Contains("\"version\":") || json.Contains("\"config\":") || json.Contains("\"weights\":"));

    // Also the format from before version 1.6, a bare pickle that starts with a number, for which the reader knows the cure.
    private static bool IsPyTorch(FileHead file) =>
        file.Entries.Any(e => e == "data.pkl" || e.EndsWith("/data.pkl", StringComparison.Ordinal))
            || (file.Extension is ".pt" or ".pth" && file.HasAt(0, [0x80, 2])) || file.HasAt(0, [0x80, 2, 0x8A, 10, 0x6C, 0xFC]);

    // A ModelProto starts with its version (field 1); what follows is one of its other fields.
    private static bool IsOnnx(FileHead file) =>
        file.Extension == ".onnx"
            || (file.HasAt(0, "\b"u8) && file.Bytes.Length > 2 && file.Bytes[1] is > 0 and < 32
                && file.Bytes[2] is 0x12 or 0x1A or 0x22 or 0x3A or 0x42);

    private static ModelFile OpenOnnx(string path, string format, FilePart part)
    {
        RequireNoOrder(path, format, part);
        var graph = part.Graph ?? new OnnxImportOptions();
        var proto = ModelProto.Read(path, FileReader.ReadAll(path));
        var metadata = new Dictionary<string, string>
        {
            ["producer"] = $"{proto.Producer} {proto.ProducerVersion}".Trim(),
            ["operator sets"] = string.Join(", ", proto.Opsets.Select(o => $"{o.Key} {o.Value}".Trim())),
        };
        try
        {
            var model = OnnxImporter.Read(path, new OnnxImportOptions
            {
                Output = part.Name, Constants = graph.Constants, Sizes = graph.Sizes, From = graph.From, To = graph.To,
            });
            metadata["input"] = model.Signature is { } s ? $"{s.Input} [{string.Join(", ", s.InputAxes)}]" : "";
            metadata["output"] = model.Signature is { } t ? $"{t.Output} [{string.Join(", ", t.OutputAxes)}]" : "";
            return new ModelFile(path, format) { Model = model, Metadata = metadata };
        }
        catch (InvalidDataException e)
        {
            return new ModelFile(path, format)
            {
                Reason = e.Message.Replace($"'{path}': ", ""),
                IsRefused = true,
                Metadata = metadata.Concat(GraphSummary.Metadata(proto)).ToDictionary(),
                Tensors = GraphSummary.Tensors(path, Path.GetDirectoryName(Path.GetFullPath(path)), proto),
            };
        }
    }

    private static ModelFile OpenRnnoise(string path, string format, FilePart part)
    {
        RequireNoOrder(path, format, part);
        return new ModelFile(path, format) { Model = RnnoiseImporter.Import(path, part.Name) };
    }

    private static OpenFile WithoutOrder(OpenFile open) => (path, format, part) =>
    {
        RequireNoOrder(path, format, part);
        return open(path, format, part);
    };

    private static ModelFile OpenKeras(string path, string format, FilePart part) =>
        OpenWhole(path, format, part with { Architecture = null },
            KerasImporter.Import(path, part.Architecture is null ? null : ArchitectureOf(part.Architecture)));

    private static string ArchitectureOf(string path)
    {
        const long Most = 16 << 20;
        using var stream = RegularFile.OpenRead(path);
        using var text = new StreamReader(stream);
        return stream.Length <= Most
            ? text.ReadToEnd()
            : throw new InvalidDataException($"'{path}': it has {stream.Length} bytes; a model's JSON has at most {Most}.");
    }

    /// <summary>The tensors of a file, whether or not a model can be told of it.</summary>
    public static IReadOnlyList<FileTensor> TensorsOf(ModelFile file) => file.AllTensors is { } all ? all()
        : file.Format == "ONNX" && file.Tensors.Count == 0
        ? GraphSummary.Tensors(file.Path, Path.GetDirectoryName(Path.GetFullPath(file.Path)),
            ModelProto.Read(file.Path, FileReader.ReadAll(file.Path)))
        : file.Tensors;

    private static ModelFile OpenWhole(string path, string format, FilePart part, ModelDescription model)
    {
        RequireNoOrder(path, format, part);
        return part.Name is null
            ? new ModelFile(path, format) { Model = model }
            : throw new InvalidDataException($"'{path}': a file of the format {format} is one model and has no part '{part.Name}'.");
    }

    private static void RequireNoOrder(string path, string format, FilePart part)
    {
        if (part.Order is not null)
        {
            throw new InvalidDataException(
                $"'{path}': a file of the format {format} says the order of its layers itself; an order is said of state dicts.");
        }
    }

    private static ModelFile OpenSafeTensors(string path, string format, FilePart part)
    {
        var file = SafeTensorsFile.Read(path);
        return OpenWeights(path, format, part, file.Tensors, file.Metadata, TensorOrder.MostlySorted,
            complete: model => model.KeepNormalizer(file.Metadata));
    }

    private static ModelFile OpenPyTorch(string path, string format, FilePart part)
    {
        var file = PyTorchFile.Read(path);
        var values = file.Values.Where(v => v.Value is not null)
            .ToDictionary(v => v.Key, v => Convert.ToString(v.Value, System.Globalization.CultureInfo.InvariantCulture) ?? "");
        return OpenWeights(path, format, part, file.Tensors, values, TensorOrder.Modules, file.Skipped);
    }

    private static ModelFile OpenStateDictJson(string path, string format, FilePart part)
    {
        var file = StateDictJson.Read(path);
        return OpenWeights(path, format, part, file.Tensors, file.Values, TensorOrder.MostlySorted, complete: file.Complete);
    }

    private static ModelFile OpenNumPy(string path, string format, FilePart part) =>
        OpenWeights(path, format, part, NpzFile.Read(path), new Dictionary<string, string>(), TensorOrder.MostlySorted);

    /// <summary>A state dict's model where its tensors' names tell of layers; the tensors either way.</summary>
    private static ModelFile OpenWeights(
        string path, string format, FilePart part, IReadOnlyList<SafeTensor> tensors, IReadOnlyDictionary<string, string> metadata,
        TensorOrder order, IReadOnlyList<SkippedObject>? skipped = null, Action<ModelDescription>? complete = null)
    {
        ModelDescription? model = null;
        string? reason = null;
        try
        {
            model = PyTorchImporter.Import(path, tensors, part.Name ?? "", part.Order, order,
                metadata.GetValueOrDefault(ModelDescription.OrderKey), skipped);
            complete?.Invoke(model);
        }
        catch (InvalidDataException e)
        {
            model = null;
            reason = e.Message.Replace($"'{path}': ", "");
        }

        return new ModelFile(path, format)
        {
            Model = model,
            Reason = reason,
            Metadata = metadata,
            Tensors = [.. tensors.Select(t => new FileTensor(t.Name, t.DataType, t.Shape, Numbers(t)))],
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
