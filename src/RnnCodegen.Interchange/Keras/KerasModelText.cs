using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>Writes a Keras 3 archive's JSON.</summary>
internal static class KerasModelText
{
    private const string ModelName = "model";

    public static byte[] Metadata() =>
        JsonSerializer.SerializeToUtf8Bytes(new { keras_version = KerasExporter.Version, date_saved = "1980-01-01@00:00:00" });

    /// <summary>A Functional model of layers in order; the first is the input, the last the output.</summary>
    public static byte[] Config(IReadOnlyList<KerasNode> nodes)
    {
        var byName = nodes.ToDictionary(node => node.Name);
        var config = new Dictionary<string, object?>
        {
            ["name"] = ModelName,
            ["trainable"] = true,
            ["layers"] = nodes.Select(node => Layer(node, byName)).ToArray(),
            ["input_layers"] = new object[] { new object[] { nodes[0].Name, 0, 0 } },
            ["output_layers"] = new object[] { new object[] { nodes[^1].Name, 0, 0 } },
        };
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?>
        {
            ["module"] = "keras.src.models.functional",
            ["class_name"] = "Functional",
            ["config"] = config,
            ["registered_name"] = "Functional",
        });
    }

    private static Dictionary<string, object?> Layer(KerasNode node, Dictionary<string, KerasNode> byName)
    {
        var layer = KerasNode.Serialized(node.ClassName, node.Config, node.Name);
        layer["name"] = node.Name;
        var tensors = node.Sources.Select(source => Tensor(byName[source])).ToArray();
        layer["inbound_nodes"] = tensors.Length == 0
            ? []
            : new object[] { new { args = new object[] { tensors.Length == 1 ? tensors[0] : tensors }, kwargs = new { } } };
        return layer;
    }

    private static object Tensor(KerasNode node)
    {
        int?[] shape = node.Width == 0 ? [null, null] : node.HasTime ? [null, null, node.Width] : [null, node.Width];
        return new
        {
            class_name = "__keras_tensor__",
            config = new { shape, dtype = node.Width == 0 ? "int32" : "float32", keras_history = new object[] { node.Name, 0, 0 } },
        };
    }
}
