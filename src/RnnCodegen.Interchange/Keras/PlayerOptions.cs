using System.Globalization;
using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>
/// What AIDA-X' files say around a network of one sound and up to two controls: x is multiplied by a gain, goes through the network, is
/// added to what the network gives where the network learned only the difference, and the sum is multiplied by another gain.
/// </summary>
/// <param name="InputGain">The factor before the network.</param>
/// <param name="IsSkipped">Whether the network's input is added to its output.</param>
/// <param name="OutputGain">The factor behind both.</param>
internal sealed record PlayerOptions(float InputGain, bool IsSkipped, float OutputGain)
{
    private const string Skip = "in_skip";
    private const string InGain = "in_gain";
    private const string OutGain = "out_gain";

    /// <summary>At and below so many decibels, players are silent.</summary>
    private const double Silence = -90;

    /// <summary>What was made of the options, a sentence each.</summary>
    public List<string> Notes { get; } = [];

    public static PlayerOptions Read(string file, JsonFields root)
    {
        var skip = root.Find(Skip) switch
        {
            null => false,
            { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var value) && value is 0 or 1 =>
                number.GetDouble() == 1,
            _ => throw new InvalidDataException(
                $"'{file}': {root.Show(Skip)}; only 0 and 1 have a meaning, whether the input is added to the output."),
        };
        return new(Gain(file, root, InGain), skip, Gain(file, root, OutGain));
    }

    /// <summary>Adds the layers before the network.</summary>
    public void AddBefore(KerasGraphText graph, int width)
    {
        if (InputGain == 1)
        {
            return;
        }

        // The other features are a player's controls.
        var factors = Enumerable.Repeat(1f, width).ToArray();
        factors[0] = InputGain;
        AddGain(graph, InGain, factors);
        Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"{InGain}: {(width == 1 ? "the input" : "the input's first feature")} is multiplied by {InputGain}."));
    }

    /// <summary>Adds the layers behind the network.</summary>
    public void AddBehind(KerasGraphText graph, string file, int width)
    {
        if ((IsSkipped || OutputGain != 1) && graph.Width != 1)
        {
            throw new InvalidDataException(
                $"'{file}': it has {(IsSkipped ? Skip : OutGain)}, but {graph.Width} outputs; only one can be sound.");
        }

        if (IsSkipped)
        {
            AddSkip(graph, width);
        }

        if (OutputGain != 1)
        {
            AddGain(graph, OutGain, [OutputGain]);
            Notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{OutGain}: the output{(IsSkipped ? ", with what was added to it," : "")} is multiplied by {OutputGain}."));
        }
    }

    private void AddSkip(KerasGraphText graph, int width)
    {
        var (network, source) = (graph.Last, InputGain == 1 ? graph.Input : InGain);
        if (width > 1)
        {
            var column = new float[width];
            column[0] = 1;
            graph.Add($"{Skip}_feature", "Dense", new() { ["units"] = 1, ["use_bias"] = false },
                [new($"{Skip}'s column", [width, 1], column)], 1, source);
            source = graph.Last;
        }

        graph.Add(Skip, "Add", [], [], 1, source, network);
        Notes.Add(
            $"{Skip}: {(width == 1 ? "the input" : "the input's first feature")}{(InputGain == 1 ? "" : $", after {InGain},")} is added " +
            "to the network's output.");
    }

    /// <summary>A batch normalisation without an epsilon, of mean 0 and variance 1, is a factor a feature.</summary>
    private static void AddGain(KerasGraphText graph, string name, float[] factors)
    {
        int[] shape = [factors.Length];
        KerasArray[] weights =
        [
            new(name, shape, factors), new(name, shape, new float[factors.Length]),
            new(name, shape, new float[factors.Length]), new(name, shape, [.. Enumerable.Repeat(1f, factors.Length)]),
        ];
        graph.Add(name, "BatchNormalization", new() { ["epsilon"] = 0 }, weights, factors.Length);
    }

    /// <summary>A gain in decibels as a factor.</summary>
    private static float Gain(string file, JsonFields root, string key)
    {
        if (root.Find(key) is not { } value)
        {
            return 1;
        }

        var decibels = value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : double.NaN;
        var factor = decibels > Silence ? (float)Math.Pow(10, decibels / 20) : 0;
        return double.IsFinite(decibels) && float.IsFinite(factor)
            ? factor
            : throw new InvalidDataException($"'{file}': {root.Show(key)} is not a gain in decibels.");
    }
}
