using System.Text.Json;
using PureHDF;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>Makes HDF5 files as Keras does, and values that differ from each other.</summary>
internal static class KerasTestFile
{
    /// <summary>A Sequential model's layer.</summary>
    public static object Layer(string className, object config) => new { class_name = className, config };

    public static string Sequential(params object[] layers) =>
        JsonSerializer.Serialize(new { class_name = "Sequential", config = new { name = "model", layers } });

    /// <summary>A file in the layout of Keras 2: a group a layer, with lists of names as attributes.</summary>
    public static byte[] Hdf5(string? config, string? version,
        params (string Layer, (string Name, int[] Shape, float[] Values)[] Weights)[] layers)
    {
        var group = new H5Group();
        group.Attributes["layer_names"] = layers.Select(l => l.Layer).ToArray();
        foreach (var (layer, weights) in layers)
        {
            var inner = new H5Group();
            foreach (var (name, shape, values) in weights)
            {
                inner[name] = new H5Dataset(values, fileDims: [.. shape.Select(s => (ulong)s)]);
            }

            var outer = new H5Group { [layer] = inner };
            outer.Attributes["weight_names"] = weights.Select(w => $"{layer}/{w.Name}").ToArray();
            group[layer] = outer;
        }

        var file = new H5File { ["model_weights"] = group };
        if (config is not null)
        {
            file.Attributes["model_config"] = config;
        }

        if (version is not null)
        {
            file.Attributes["keras_version"] = version;
        }

        using var stream = new MemoryStream();
        file.Write(stream);
        return stream.ToArray();
    }

    public static float[] Values(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    public static NamedTensor Tensor(int seed, params int[] shape) => new($"weight {seed}", shape,
        Values(shape.Aggregate(1, (a, b) => a * b), seed));

    public static ModelDescription FromLayer(string className, object config, int inputSize, NamedTensor[] weights, int version = 3) =>
        KerasImporter.FromLayer(className, JsonSerializer.SerializeToElement(config), inputSize, weights, version);

    /// <summary>A layer's options with a name.</summary>
    public static System.Text.Json.Nodes.JsonObject Named(this System.Text.Json.Nodes.JsonObject config, string name)
    {
        config["name"] = name;
        return config;
    }

    public static float[] Weight(this ModelDescription model, string name) => model.Weights[name].Values;
}
