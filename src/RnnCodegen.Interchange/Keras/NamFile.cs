using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>
/// Reads models of Neural Amp Modeler (<c>.nam</c>) whose architecture is LSTM: for each layer one matrix on [x, h], a bias and the state
/// that a stream starts from, then a dense head.
/// </summary>
public static class NamFile
{
    /// <summary>Reads a model: layers <c>Lstm</c>, with a learned initial state, and <c>Head</c>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is not such a file, has another architecture, or its weights do not fit; the message names
    /// the file and why.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ModelDescription Import(string path) => Import(path, FileReader.ReadAll(path));

    /// <summary>Reads a model in memory.</summary>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="json">The file.</param>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static ModelDescription Import(string name, ReadOnlyMemory<byte> json) => JsonArrays.WithText(name, () => Read(name, json));

    private static ModelDescription Read(string name, ReadOnlyMemory<byte> json)
    {
        var root = new JsonFields(JsonArrays.Parse(name, json));
        var architecture = root.TryGetProperty("architecture", out var said) && said.ValueKind == JsonValueKind.String
            ? said.GetString()
            : throw new InvalidDataException($"'{name}': it has no architecture, so it is not a .nam file.");
        if (architecture != "LSTM")
        {
            throw new InvalidDataException($"'{name}': its architecture {architecture} is not supported; only LSTM is recurrent.");
        }

        CheckVersion(name, root);
        if (!root.TryGetProperty("config", out var options) || options.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("weights", out var weights))
        {
            throw new InvalidDataException($"'{name}': it has no config and weights.");
        }

        var config = new JsonFields(options);
        var (inputs, units, layers) = (Size(name, config, "input_size"), Size(name, config, "hidden_size"),
            Size(name, config, "num_layers"));
        config.RefuseUnread(name, "its config");
        var rate = SampleRate.Read(root, "sample_rate");

        // What the sound was recorded with and how loud it is; nothing of it changes what the network computes.
        root.Ignore("metadata");
        root.RefuseUnread(name, "it");
        var values = JsonArrays.Read(name, "its list of weights", weights);
        var wanted = ((double)LayerLength(inputs, units)) + ((layers - 1.0) * LayerLength(units, units)) + units + 1;
        if (values.Shape is not [var length] || length != wanted)
        {
            throw new InvalidDataException(
                $"'{name}': it has weights {values.ShapeText}, but {layers} layers of {units} units on {inputs} inputs have {wanted}.");
        }

        var model = Build(inputs, units, layers, values.Values);
        model.Notes.AddRange(rate);
        return model;
    }

    /// <summary>Versions of the format from 0.5 on have this layout; a file that says none is taken for one of them.</summary>
    private static void CheckVersion(string name, JsonFields root)
    {
        if (root.Find("version") is not { } value)
        {
            return;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        if (!System.Version.TryParse(text, out var version) || version is not { Major: 0, Minor: >= 5 })
        {
            throw new InvalidDataException(
                $"'{name}': its {root.Show("version")}; models of the versions 0.5 and later, before 1, are read. Export it anew with a " +
                "recent trainer.");
        }
    }

    private static double LayerLength(int width, int units) => (4.0 * units * ((double)width + units + 1)) + (2.0 * units);

    private static ModelDescription Build(int inputs, int units, int layers, ReadOnlySpan<float> values)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = inputs } };
        model.Add("Lstm", new LstmAttribute(units) { Layers = layers, LearnedInitialState = true });
        model.Add("Head", new DenseAttribute(1));
        var rows = 4 * units;
        for (var layer = 0; layer < layers; layer++)
        {
            var width = layer == 0 ? inputs : units;
            var (input, hidden) = (new float[rows * width], new float[rows * units]);
            for (var row = 0; row < rows; row++)
            {
                Take(ref values, width).CopyTo(input.AsSpan(row * width));
                Take(ref values, units).CopyTo(hidden.AsSpan(row * units));
            }

            model.AddWeight($"Lstm.weight_ih_l{layer}", [rows, width], input);
            model.AddWeight($"Lstm.weight_hh_l{layer}", [rows, units], hidden);
            model.AddWeight($"Lstm.bias_ih_l{layer}", [rows], Take(ref values, rows).ToArray());
            model.AddWeight($"Lstm.bias_hh_l{layer}", [rows], new float[rows]);
            model.AddWeight($"Lstm.h0_l{layer}", [units], Take(ref values, units).ToArray());
            model.AddWeight($"Lstm.c0_l{layer}", [units], Take(ref values, units).ToArray());
        }

        model.AddWeight("Head.weight", [1, units], Take(ref values, units).ToArray());
        model.AddWeight("Head.bias", [1], Take(ref values, 1).ToArray());
        return model;
    }

    private static ReadOnlySpan<float> Take(ref ReadOnlySpan<float> values, int count)
    {
        var taken = values[..count];
        values = values[count..];
        return taken;
    }

    private static int Size(string file, JsonFields config, string option) =>
        config.TryGetProperty(option, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var size)
            && size > 0
            ? size
            : throw new InvalidDataException($"'{file}': its config has no positive {option}.");
}
