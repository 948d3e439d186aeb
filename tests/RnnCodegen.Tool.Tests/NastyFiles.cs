using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RnnCodegen.Interchange.Tests.Archives;
using RnnCodegen.Interchange.Tests.Keras;
using RnnCodegen.Interchange.Tests.Onnx;
using static RnnCodegen.Interchange.Tests.Keras.KerasTestFile;

namespace RnnCodegen.Tool.Tests;

/// <summary>A GRU of 3 features and 4 units and a dense layer of 2 in each format, with the names that a test chooses.</summary>
internal static class NastyFiles
{
    public static IReadOnlyDictionary<string, Action<string, NastyNames>> Formats { get; } =
        new Dictionary<string, Action<string, NastyNames>>
        {
            [".safetensors"] = (path, names) => SafeTensorsFile.Write(path, StateDict(names),
                new Dictionary<string, string> { [names.Next()] = names.Next() }),
            [".pt"] = (path, names) => PyTorchFile.Write(path, StateDict(names)),
            [".npz"] = (path, names) => File.WriteAllBytes(path, ZipBytes.Of([.. StateDict(names).Select(t => (t.Name + ".npy", Npy(t)))])),
            [".onnx"] = (path, names) => File.WriteAllBytes(path, Onnx(names)),
            [".h5"] = (path, names) => File.WriteAllBytes(path, Hdf5(names)),
            [".keras"] = (path, names) => File.WriteAllBytes(path, Archive(names)),
            [".json"] = (path, names) => File.WriteAllText(path, RtNeural(names)),
            [".nam"] = (path, names) => File.WriteAllText(path, Nam(names)),
        };

    private static SafeTensor[] StateDict(NastyNames names)
    {
        var (gru, head) = names.Distinct(2) is [var a, var b] ? (a, b) : default;
        return
        [
            ToolFolder.Tensor($"{gru}.weight_ih_l0", 12, 3), ToolFolder.Tensor($"{gru}.weight_hh_l0", 12, 4),
            ToolFolder.Tensor($"{gru}.bias_ih_l0", 12),
            ToolFolder.Tensor($"{gru}.bias_hh_l0", 12), ToolFolder.Tensor($"{head}.weight", 2, 4), ToolFolder.Tensor($"{head}.bias", 2),
        ];
    }

    private static byte[] Npy(SafeTensor tensor)
    {
        var header = Encoding.Latin1.GetBytes(
            $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Concat(tensor.Shape.Select(n => $"{n},"))})}}\n");
        return [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. header, .. tensor.Bytes];
    }

    private static byte[] Onnx(NastyNames names)
    {
        // The nodes' names have the operators' at their ends, as exporters write them; values' names are free.
        var graph = new TestGraph { Opset = 13, Producer = names.Next() }.Input("x", 0, 0, 3).Output("y", 0, 0, 2)
            .Integers("i1", 1).Weight("W", 1, 12, 3).Weight("R", 1, 12, 4).Weight("B", 1, 24).Weight("M", 4, 2).Weight("b", 2)
            .Node("GRU", "x W R B", "r", ("hidden_size", 4)).Node("Squeeze", "r i1", "q").Node("MatMul", "q M", "m").Node("Add", "m b",
                "y");
        var renamed = names.Distinct(11);
        var values = new Dictionary<string, string>();
        foreach (var node in graph.Proto.Nodes)
        {
            node.Name = $"{names.Next()}/{node.Op}";
            Rename(node.Inputs);
            Rename(node.Outputs);
        }

        foreach (var tensor in graph.Proto.Initializers)
        {
            tensor.Name = New(tensor.Name);
        }

        foreach (var list in new[] { graph.Proto.Inputs, graph.Proto.Outputs })
        {
            for (var i = 0; i < list.Count; i++)
            {
                list[i].Name = New(list[i].Name);
            }
        }

        return graph.ToBytes();

        void Rename(List<string> list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                list[i] = New(list[i]);
            }
        }

        // An empty name means that there is no value.
        string New(string name) => values.TryGetValue(name, out var known) ? known : values[name] = "v" + renamed[values.Count];
    }

    private static (string Config, string Gru, string Head) KerasConfig(NastyNames names)
    {
        var (gru, head) = names.Distinct(2) is [var a, var b] ? (a, b) : default;
        var config = Sequential(
            Layer("GRU",
                new { name = gru, units = 4, reset_after = true, return_sequences = true,
                    batch_input_shape = new int?[] { null, null, 3 } }),
            Layer("Dense", new { name = head, units = 2 }));
        return (config, gru, head);
    }

    private static byte[] Hdf5(NastyNames names)
    {
        var (config, gru, head) = KerasConfig(names);
        return KerasTestFile.Hdf5(
            config, "2.4.0", (gru, [("k", [3, 12], Values(36)), ("r", [4, 12], Values(48)), ("b", [2, 12], Values(24))]),
            (head, [("k", [4, 2], Values(8)), ("b", [2], Values(2))]));
    }

    /// <summary>An archive that the exporter wrote, whose configuration has other names.</summary>
    private static byte[] Archive(NastyNames names)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 3 } };
        model.Add("Gru", new GruAttribute(4));
        model.Add("Head", new DenseAttribute(2));
        foreach (var (name, shape) in new[] { ("Gru.weight_ih_l0", new[] { 12, 3 }), ("Gru.weight_hh_l0", [12, 4]), ("Gru.bias_ih_l0",
            [12]), ("Gru.bias_hh_l0", [12]), ("Head.weight", [2, 4]), ("Head.bias", [2]) })
        {
            model.AddWeight(name, shape, ToolFolder.Tensor(name, shape).ToFloats());
        }

        using var stream = new MemoryStream(KerasExporter.ToBytes(model));
        using var old = new System.IO.Compression.ZipArchive(stream);
        var entries = old.Entries.ToDictionary(e => e.FullName, e =>
        {
            using var content = e.Open();
            using var bytes = new MemoryStream();
            content.CopyTo(bytes);
            return bytes.ToArray();
        });
        var text = Encoding.UTF8.GetString(entries["config.json"]);
        var (gru, head) = names.Distinct(2) is [var a, var b] ? (a, b) : default;
        text = text.Replace("\"Gru\"", JsonSerializer.Serialize(gru)).Replace("\"Head\"", JsonSerializer.Serialize(head));
        entries["config.json"] = Encoding.UTF8.GetBytes(text);
        return ZipBytes.Of([.. entries.Select(e => (e.Key, e.Value))]);
    }

    private static string RtNeural(NastyNames names)
    {
        var zeros = (int rows, int columns) => new JsonArray(
            [.. Enumerable.Range(0, rows)
                .Select(_ => (JsonNode)new JsonArray([.. Enumerable.Range(0, columns).Select(c => (JsonNode)(c / 8f))]))]);
        return new JsonObject
        {
            ["in_shape"] = new JsonArray(null, null, 3),
            ["layers"] = new JsonArray(
                new JsonObject { ["type"] = "gru", ["activation"] = "", ["name"] = names.Next(), ["shape"] = new JsonArray(null, null,
                    4), ["weights"] = new JsonArray(zeros(3, 12), zeros(4, 12), zeros(2, 12)) },
                new JsonObject { ["type"] = "dense", ["activation"] = "", ["name"] = names.Next(), ["shape"] = new JsonArray(null, null,
                    2), ["weights"] = new JsonArray(zeros(4, 2), zeros(1, 2)[0]!.DeepClone()) }),
        }.ToJsonString();
    }

    private static string Nam(NastyNames names) => new JsonObject
    {
        ["version"] = "0.5.2",
        ["metadata"] = new JsonObject { ["name"] = names.Next(), ["modeled_by"] = names.Next(), ["gear_make"] = names.Next() },
        ["architecture"] = "LSTM",
        ["config"] = new JsonObject { ["input_size"] = 1, ["hidden_size"] = 1, ["num_layers"] = 1 },
        ["weights"] = new JsonArray([.. Enumerable.Range(1, 16).Select(i => (JsonNode)(i / 16f))]),
    }.ToJsonString();
}
