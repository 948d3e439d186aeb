using System.Globalization;

namespace RnnCodegen.Interchange.Rnnoise;

/// <summary>
/// Reads noise suppressors of RNNoise 0.1: models as text (<c>.rnnn</c>, of rnnoise-nu and FFmpeg's arnndn) and the tables of its C source
/// (<c>rnn_data.c</c>). Rows of 42 features become 22 gains and the probability of a voice.
/// </summary>
public static class RnnoiseImporter
{
    /// <summary>What the integers of the file are divided by.</summary>
    internal const float Scale = 256;

    /// <summary>How a model as text starts.</summary>
    internal const string Header = "rnnoise-nu model file version ";

    private const int Features = 42;
    private const int MaxSize = 128;

    private static readonly string[] s_names = ["input_dense", "vad_gru", "noise_gru", "denoise_gru", "denoise_output", "vad_output"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="output">The output to have: <c>denoise_output</c> or <c>vad_output</c>; both in one row where null.</param>
    /// <exception cref="InvalidDataException">It is not such a file, or its layers do not fit each other; the message names the
    /// layer.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ModelDescription Import(string path, string? output = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var text = new StreamReader(RegularFile.OpenRead(path));
        return Parse(path, text.ReadToEnd(), output);
    }

    /// <summary>Reads a file's text.</summary>
    /// <param name="name">The file's name in messages.</param>
    /// <param name="text">The text.</param>
    /// <param name="output">As above.</param>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static ModelDescription Parse(string name, string text, string? output = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(text);
        var layers = text.StartsWith(Header, StringComparison.Ordinal) ? ReadText(name, text) : RnnoiseTables.Read(name, text, s_names);
        return Build(name, layers.ToDictionary(l => l.Name, StringComparer.Ordinal), output);
    }

    /// <summary>Six layers of numbers with spaces between them: inputs, units, function and weights of each.</summary>
    private static List<RnnoiseLayer> ReadText(string file, string text)
    {
        var words = text[Header.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var next = 0;
        if (Number("version", 1, 1) != 1)
        {
            throw Bad(file, "its version is not 1");
        }

        var layers = new List<RnnoiseLayer>();
        foreach (var name in s_names)
        {
            var (inputs, units) = (Number(name, 1, MaxSize), Number(name, 1, MaxSize));
            var activation = Function(file, name, Number(name, 0, MaxSize));
            var isGru = name.EndsWith("gru", StringComparison.Ordinal);
            var columns = isGru ? 3 * units : units;
            layers.Add(new(name, inputs, units, activation, Numbers(name, inputs * columns), isGru ? Numbers(name, units * columns) : null,
                Numbers(name, columns)));
        }

        return next == words.Length ? layers : throw Bad(file, $"{words.Length - next} numbers are left behind its layers");

        int[] Numbers(string layer, int count)
        {
            var values = new int[count];
            for (var k = 0; k < count; k++)
            {
                values[k] = Number(layer, sbyte.MinValue, sbyte.MaxValue);
            }

            return values;
        }

        int Number(string what, int least, int most)
        {
            if (next >= words.Length)
            {
                throw Bad(file, $"it ends within {what}");
            }

            return int.TryParse(words[next++], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value >= least && value <= most
                    ? value
                    : throw Bad(file, $"'{words[next - 1]}' in {what} is not a whole number from {least} to {most}");
        }
    }

    /// <summary>The function of a number, or of a name in C.</summary>
    internal static Activation Function(string file, string layer, int number) => number switch
    {
        0 => Activation.Tanh,
        1 => Activation.Sigmoid,
        2 => Activation.Relu,
        _ => throw Bad(file, $"the function {number} of {layer} is none of tanh (0), sigmoid (1) and ReLU (2)"),
    };

    internal static InvalidDataException Bad(string file, string what) => new($"'{file}': {what}, so that it is no model of RNNoise 0.1.");

    private static ModelDescription Build(string file, Dictionary<string, RnnoiseLayer> layers, string? output)
    {
        if (output is not (null or "denoise_output" or "vad_output"))
        {
            throw new InvalidDataException($"'{file}': it has no output '{output}'; name denoise_output or vad_output.");
        }

        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = Features } };
        var (dense, vad) = (Add("input_dense", RnnModelAttribute.Input, Features), "");
        var vadGru = Add("vad_gru", dense.Name, dense.Size);
        if (output != "denoise_output")
        {
            vad = Add("vad_output", vadGru.Name, vadGru.Size).Name;
        }

        if (output != "vad_output")
        {
            model.Add("NoiseInput", new ConcatAttribute(dense.Name, vadGru.Name, RnnModelAttribute.Input));
            var noise = Add("noise_gru", "NoiseInput", dense.Size + vadGru.Size + Features);
            model.Add("DenoiseInput", new ConcatAttribute(vadGru.Name, noise.Name, RnnModelAttribute.Input));
            var denoise = Add("denoise_gru", "DenoiseInput", vadGru.Size + noise.Size + Features);
            var gains = Add("denoise_output", denoise.Name, denoise.Size);
            if (output is null)
            {
                model.Add("Both", new ConcatAttribute(gains.Name, vad));
                model.Notes.Add($"A row of the output has {gains.Size} gains and then the probability of a voice; " +
                    "--part denoise_output or vad_output makes a model of one.");
            }
        }

        model.Notes.Add("The input's rows are the features that RNNoise's own code computes; its tanh and sigmoid are tables, so that " +
            "its outputs differ from these by up to 4e-5.");
        return model;

        (string Name, int Size) Add(string name, string from, int inputs)
        {
            var layer = layers[name];
            if (layer.Inputs != inputs)
            {
                throw Bad(file, $"{name} reads {layer.Inputs} values where the layers before it make {inputs}");
            }

            var property = string.Concat(name.Split('_').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
            if (layer.Recurrent is null)
            {
                model.Add(property, new DenseAttribute(layer.Units) { Activation = layer.Activation, From = from });
                model.AddWeight($"{property}.weight", [layer.Units, inputs], Scaled(layer.Weights, inputs, layer.Units));
                model.AddWeight($"{property}.bias", [layer.Units], Scaled(layer.Bias, 1, layer.Units));
                return (property, layer.Units);
            }

            var gates = 3 * layer.Units;
            model.Add(property, new GruAttribute(layer.Units) { Activation = layer.Activation, ResetAfter = false, From = from });
            foreach (var (end, values, rows) in new[] { ("weight_ih", layer.Weights, inputs), ("weight_hh", layer.Recurrent, layer.Units) })
            {
                model.AddWeight($"{property}.{end}_l0", [gates, rows], Ordered(Scaled(values, rows, gates)));
            }

            model.AddWeight($"{property}.bias_ih_l0", [gates], Ordered(Scaled(layer.Bias, 1, gates)));
            model.AddWeight($"{property}.bias_hh_l0", [gates], new float[gates]);
            return (property, layer.Units);
        }
    }

    /// <summary>A matrix of rows as floats, a row an output.</summary>
    private static float[] Scaled(int[] values, int rows, int columns) =>
        GateBlocks.Transpose(Array.ConvertAll(values, v => v / Scale), rows, columns);

    private static float[] Ordered(float[] blocks) => GateBlocks.Reorder(blocks, GateBlocks.GruFromUpdateFirst);
}
