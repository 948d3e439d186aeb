using System.Globalization;
using System.Text.Json;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>What a reader of Keras' calls can take wrong.</summary>
[Flags]
internal enum KerasMistake
{
    None = 0,

    /// <summary>At masked steps zeros are expected, not the output before.</summary>
    ZerosAtMaskedSteps = 1,

    /// <summary>A stateful layer begins each call at zeros.</summary>
    ForgetsState = 2,

    /// <summary>Masked steps are taken for valid ones.</summary>
    IgnoresMask = 4,

    /// <summary>[N, T, I] is taken for [T, N, I].</summary>
    TimeMajor = 8,
}

/// <summary>The literal cases of Keras 3's own tests of recurrent layers.</summary>
internal static class KerasCases
{
    public const string File = "keras-rnn-cases/keras_cases.json";

    private const string Holes = "Masks have holes, which lengths cannot say: the caller leaves masked steps out, and puts what Keras " +
        "returns there back.";

    private static readonly (string Name, string Prefix, double Tolerance, string Covers, string Notes)[] s_groups =
    [
        ("GRU", "gru_test.", 1e-5, "reset_after on and off, no bias, go_backwards, masks, initial and returned state, stateful", Holes),
        ("LSTM", "lstm_test.", 1e-5, "unit_forget_bias on and off, no bias, go_backwards, masks, initial state, stateful", Holes),
        ("SimpleRNN", "simple_rnn_test.", 1e-5, "go_backwards, masks, initial state, stateful", Holes),
        ("Bidirectional", "bidirectional_test.", 1e-5,
            "merge modes concat, sum, ave, mul and none, a backward layer of its own, masks, states", Holes),
        ("stacked cells", "stacked_rnn_cells_test.", 1e-4, "two LSTM cells in a row, padded", "Published with four digits."),
    ];

    public static IEnumerable<ConformanceGroup> Read()
    {
        var cases = Golden.Json(File).EnumerateArray().ToArray();
        foreach (var (name, prefix, tolerance, covers, notes) in s_groups)
        {
            var own = cases.Index().Where(c => c.Item.GetProperty("test").GetString()!.StartsWith(prefix, StringComparison.Ordinal));
            yield return new("keras-rnn-cases", name, tolerance,
                [.. own.Select(c => Case(c.Index, c.Item))]) { Covers = covers, Notes = notes };
        }
    }

    /// <summary>A case of the file, read wrong.</summary>
    public static ConformanceCase Misread(int index, KerasMistake mistake) => Case(index, Golden.Json(File)[index], mistake);

    private static ConformanceCase Case(int index, JsonElement @case, KerasMistake mistake = KerasMistake.None)
    {
        var layer = @case.GetProperty("layer");
        var test = @case.GetProperty("test").GetString()!;
        return new(
            $"{index} {test[(test.IndexOf('.', StringComparison.Ordinal) + 1)..]}",
            () => KerasLayerReader.Read(layer, Shape(FirstInput(@case))[2]),
            engine => new[] { "Run", "Step" }.Select(way => new Comparison(
                way, Select(@case, Results(engine, @case, mistake, steps: way == "Step")), Floats(@case.GetProperty("expected")))));
    }

    /// <summary>
    /// What the last call of the layer returned, as Keras orders it: the outputs, then the states. Calls are made by Step where that is
    /// wanted and possible.
    /// </summary>
    private static List<float[]> Results(Engine engine, JsonElement @case, KerasMistake mistake, bool steps)
    {
        var layer = @case.GetProperty("layer");
        var stateful = !mistake.HasFlag(KerasMistake.ForgetsState) && Inner(layer).TryGetProperty("stateful", out var flag)
            && flag.GetBoolean();
        IReadOnlyDictionary<string, float[]> carried = new Dictionary<string, float[]>();
        List<float[]> results = [];
        foreach (var call in @case.GetProperty("calls").EnumerateArray())
        {
            if (call.ValueKind == JsonValueKind.String)
            {
                carried = new Dictionary<string, float[]>();
                continue;
            }

            var (result, outputs) = Call(engine, layer, call, carried, mistake, steps);
            carried = stateful ? result.Final : carried;
            results = [.. outputs, .. engine.Core.Definition.State.Select(slot => result.Final[slot.Name])];
        }

        return results;
    }

    private static (SequenceResult Result, List<float[]> Outputs) Call(
        Engine engine, JsonElement layer, JsonElement call, IReadOnlyDictionary<string, float[]> carried, KerasMistake mistake,
        bool isStepped)
    {
        var x = call.GetProperty("inputs")[0];
        var (batch, steps) = (Shape(x)[0], Shape(x)[1]);
        var kwargs = call.GetProperty("kwargs");
        var isMasked = kwargs.TryGetProperty("mask", out var given) && !mistake.HasFlag(KerasMistake.IgnoresMask);
        var mask = new KerasMask(isMasked ? [.. given.GetProperty("data").EnumerateArray().Select(v => v.GetBoolean())] : [], batch, steps);
        var sequence = new SequenceCall(steps, batch)
        {
            Rows = mistake.HasFlag(KerasMistake.TimeMajor) ? Floats(x) : SequenceCall.SwapAxes(mask.Close(Floats(x)), batch, steps),
            Lengths = mask.IsNeeded ? mask.Lengths : [],
            Initial = kwargs.TryGetProperty("initial_state", out var state) ? Initial(engine, state) : carried,
        };
        var result = isStepped && engine.Steps(sequence) ? engine.Step(sequence) : engine.Run(sequence);
        var zeros = mistake.HasFlag(KerasMistake.ZerosAtMaskedSteps) ||
            (Inner(layer).TryGetProperty("zero_output_for_mask", out var said) && said.GetBoolean());
        var y = engine.Core.Definition.OutputIsSequence ? mask.Open(SequenceCall.SwapAxes(result.Y, steps, batch), zeros) : result.Y;
        return (result, IsUnmerged(layer) ? Halves(y, engine.Core.Definition.OutputSize / 2) : [y]);
    }

    private static Dictionary<string, float[]> Initial(Engine engine, JsonElement state)
    {
        JsonElement[] tensors = state.ValueKind == JsonValueKind.Array ? [.. state.EnumerateArray()] : [state];
        return engine.Core.Definition.State.Zip(tensors).ToDictionary(pair => pair.First.Name, pair => Floats(pair.Second));
    }

    /// <summary>Keras' index: into what the layer returned where that is a list, else a sample.</summary>
    private static float[] Select(JsonElement @case, List<float[]> results)
    {
        var layer = @case.GetProperty("layer");
        var select = @case.GetProperty("select");
        if (select.GetArrayLength() == 0)
        {
            return results[0];
        }

        var index = int.Parse(select[0].GetString()!, CultureInfo.InvariantCulture);
        if (IsUnmerged(layer) || Inner(layer).TryGetProperty("return_state", out _))
        {
            return results[index];
        }

        var length = results[0].Length / Shape(FirstInput(@case))[0];
        return results[0][(index * length)..((index + 1) * length)];
    }

    private static List<float[]> Halves(float[] rows, int width) =>
        [.. new[] { 0, width }.Select(offset => rows.Chunk(2 * width).SelectMany(row => row[offset..(offset + width)]).ToArray())];

    private static bool IsUnmerged(JsonElement layer) => layer.TryGetProperty("merge_mode", out var mode)
        && mode.ValueKind == JsonValueKind.Null;

    private static JsonElement Inner(JsonElement layer) => layer.TryGetProperty("layer", out var inner) ? inner : layer;

    private static JsonElement FirstInput(JsonElement @case) => @case.GetProperty("calls")[0].GetProperty("inputs")[0];

    private static int[] Shape(JsonElement tensor) => [.. tensor.GetProperty("shape").EnumerateArray().Select(n => n.GetInt32())];

    private static float[] Floats(JsonElement tensor) => [.. tensor.GetProperty("data").EnumerateArray().Select(v => v.GetSingle())];
}
