using System.Text.Json;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>
/// Layers as keras_cases.json has them, class and constructor arguments with initialisers, as models: the same options and the weights that
/// Keras 3 makes of the initialisers.
/// </summary>
internal static class KerasCase
{
    private const string Ends = "_initializer";

    /// <summary>The model of a case's <c>layer</c>.</summary>
    /// <param name="layer">The class and its arguments.</param>
    /// <param name="inputs">Features of a row.</param>
    public static ModelDescription Build(JsonElement layer, int inputs) =>
        KerasImporter.FromLayer(ClassOf(layer), JsonSerializer.SerializeToElement(Config(layer)), inputs, Weights(layer, inputs));

    private static string ClassOf(JsonElement layer) => layer.GetProperty("class").GetString()!;

    private static Dictionary<string, object?> Config(JsonElement layer)
    {
        var config = new Dictionary<string, object?>();
        foreach (var argument in layer.EnumerateObject()
            .Where(a => a.Name is not ("class" or "args") && !a.Name.EndsWith(Ends, StringComparison.Ordinal)))
        {
            config[argument.Name] = argument.Name is "layer" or "backward_layer" ? Serialized(argument.Value) : argument.Value;
        }

        if (layer.TryGetProperty("args", out var arguments))
        {
            if (arguments[0].ValueKind == JsonValueKind.Array)
            {
                config["cell"] = new { class_name = "StackedRNNCells",
                    config = new { cells = arguments[0].EnumerateArray().Select(Serialized).ToArray() } };
            }
            else
            {
                config["units"] = arguments[0];
            }
        }

        return config;
    }

    private static object Serialized(JsonElement layer) => new { class_name = ClassOf(layer), config = Config(layer) };

    private static List<NamedTensor> Weights(JsonElement layer, int inputs)
    {
        if (ClassOf(layer) == "Bidirectional")
        {
            var forward = layer.GetProperty("layer");
            return [.. Weights(forward, inputs),
                .. Weights(layer.TryGetProperty("backward_layer", out var backward) ? backward : forward, inputs)];
        }

        if (ClassOf(layer) != "RNN")
        {
            return CellWeights(layer, inputs);
        }

        var weights = new List<NamedTensor>();
        foreach (var cell in layer.GetProperty("args")[0].EnumerateArray())
        {
            weights.AddRange(CellWeights(cell, inputs));
            inputs = UnitsOf(cell);
        }

        return weights;
    }

    private static int UnitsOf(JsonElement layer) => layer.TryGetProperty("units", out var units)
        ? units.GetInt32()
        : layer.GetProperty("args")[0].GetInt32();

    private static List<NamedTensor> CellWeights(JsonElement layer, int inputs)
    {
        var units = UnitsOf(layer);
        var className = ClassOf(layer);
        var rows = units
            * (className.StartsWith("LSTM", StringComparison.Ordinal) ? 4 : className.StartsWith("GRU", StringComparison.Ordinal) ? 3 : 1);
        var weights = new List<NamedTensor> { Filled("kernel", inputs, rows), Filled("recurrent", units, rows) };
        if (Flag("use_bias"))
        {
            var bias = className.StartsWith("GRU", StringComparison.Ordinal) && Flag("reset_after")
                ? Filled("bias", 2, rows)
                : Filled("bias", rows);
            if (className.StartsWith("LSTM", StringComparison.Ordinal) && Flag("unit_forget_bias"))
            {
                Array.Fill(bias.Values, 1f, units, units);
            }

            weights.Add(bias);
        }

        return weights;

        bool Flag(string option) => !layer.TryGetProperty(option, out var value) || value.GetBoolean();

        NamedTensor Filled(string role, params int[] shape)
        {
            var values = new float[shape.Aggregate(1, (a, b) => a * b)];
            Array.Fill(values,
                layer.TryGetProperty(role + Ends, out var initializer)
                    ? Value(initializer)
                    : role == "bias" ? 0
                    : throw new NotSupportedException(role));
            return new NamedTensor(role, shape, values);
        }
    }

    private static float Value(JsonElement initializer) =>
        initializer.ValueKind == JsonValueKind.Object && initializer.GetProperty("class").GetString() == "Constant"
            ? initializer.GetProperty("args")[0].GetSingle()
            : initializer.ValueKind == JsonValueKind.String && initializer.GetString() == "ones"
                ? 1
                : throw new NotSupportedException(initializer.GetRawText());
}
