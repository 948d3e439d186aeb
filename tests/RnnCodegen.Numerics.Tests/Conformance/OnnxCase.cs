using System.Text.Json;
using RnnCodegen.Numerics.Tests.Reference;

namespace RnnCodegen.Numerics.Tests.Conformance;

/// <summary>One of ONNX's LSTM, GRU and RNN node tests, turned into our names, gate order and layout.</summary>
internal sealed class OnnxCase
{
    private readonly JsonElement _case;
    private readonly string _op;
    private readonly bool _batchFirst;

    public OnnxCase(JsonElement @case)
    {
        _case = @case;
        _op = @case.GetProperty("op").GetString()!;
        var attributes = @case.GetProperty("attributes");
        Units = attributes.GetProperty("hidden_size").GetInt32();
        _batchFirst = attributes.TryGetProperty("layout", out var layout) && layout.GetInt32() == 1;
        var shape = Find("inputs", "X")!.Value.GetProperty("shape");
        (Steps, Batch) = _batchFirst ? (shape[1].GetInt32(), shape[0].GetInt32()) : (shape[0].GetInt32(), shape[1].GetInt32());
        InputSize = shape[2].GetInt32();
    }

    public string Name => _case.GetProperty("test").GetString()!;

    public int Units { get; }

    public int Steps { get; }

    public int Batch { get; }

    public int InputSize { get; }

    /// <summary>The last hidden state [B, H], which every case expects.</summary>
    public double[] ExpectedFinalState => TimeMajor("outputs", "Y_h", steps: 1)!;

    /// <summary>The outputs [T, B, H], where the case expects them.</summary>
    public double[]? ExpectedOutput => TimeMajor("outputs", "Y", Steps);

    public static IReadOnlyList<OnnxCase> ReadAll(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. document.RootElement.EnumerateArray().Select(c => new OnnxCase(c.Clone()))];
    }

    /// <summary>The case's inputs for a model whose one layer is named Cell.</summary>
    public ReferenceCall ToCall(ReferenceModel model)
    {
        var parameters = new Dictionary<string, double[]>
        {
            ["Cell.weight_ih_l0"] = Gates(Data("inputs", "W")!),
            ["Cell.weight_hh_l0"] = Gates(Data("inputs", "R")!),
        };
        if (Data("inputs", "B") is { } biases)
        {
            parameters["Cell.bias_ih_l0"] = Gates(biases[..(biases.Length / 2)]);
            parameters["Cell.bias_hh_l0"] = Gates(biases[(biases.Length / 2)..]);
        }

        if (Data("inputs", "P") is { } peepholes)
        {
            parameters["Cell.weight_ci_l0"] = peepholes[..Units];
            parameters["Cell.weight_co_l0"] = peepholes[Units..(2 * Units)];
            parameters["Cell.weight_cf_l0"] = peepholes[(2 * Units)..];
        }

        var state = new Dictionary<string, double[]>();
        foreach (var (name, input) in new[] { ("Cell.h_l0", "initial_h"), ("Cell.c_l0", "initial_c") })
        {
            if (TimeMajor("inputs", input, steps: 1) is { } values)
            {
                state[name] = values;
            }
        }

        if (!parameters.Keys.ToHashSet().SetEquals(model.Parameters.Select(p => p.Name)))
        {
            throw new InvalidOperationException(
                $"{Name} gives {string.Join(", ", parameters.Keys)}; the model has {string.Join(", ", model.Parameters.Select(p => p.Name))}.");
        }

        return new ReferenceCall(Steps, Batch)
        {
            Input = TimeMajor("inputs", "X", Steps),
            Lengths = Data("inputs", "sequence_lens") is { } lengths ? Array.ConvertAll(lengths, n => (int)n) : null,
            Parameters = parameters,
            InitialState = state,
        };
    }

    /// <summary>Reorders gate blocks to ours: from i, o, f, g to i, f, g, o, and from z, r, n to r, z, n.</summary>
    private double[] Gates(double[] values)
    {
        int[] order = _op switch
        {
            "LSTM" => [0, 2, 3, 1],
            "GRU" => [1, 0, 2],
            _ => [0],
        };
        var block = values.Length / order.Length;
        return [.. order.SelectMany(gate => values[(gate * block)..((gate + 1) * block)])];
    }

    /// <summary>A tensor of rows as [steps, B, ...], whichever of the two axes the case puts first.</summary>
    private double[]? TimeMajor(string list, string name, int steps)
    {
        if (Data(list, name) is not { } values || !_batchFirst)
        {
            return Data(list, name);
        }

        var width = values.Length / (steps * Batch);
        return [.. Enumerable.Range(0, steps).SelectMany(t => Enumerable.Range(0, Batch).SelectMany(b =>
            values[(((b * steps) + t) * width)..(((b * steps) + t + 1) * width)]))];
    }

    private double[]? Data(string list, string name) =>
        Find(list, name) is { } tensor ? [.. tensor.GetProperty("data").EnumerateArray().Select(v => v.GetDouble())] : null;

    private JsonElement? Find(string list, string name)
    {
        foreach (var tensor in _case.GetProperty(list).EnumerateArray())
        {
            if (tensor.ValueKind == JsonValueKind.Object && tensor.GetProperty("name").GetString() == name)
            {
                return tensor;
            }
        }

        return null;
    }
}
