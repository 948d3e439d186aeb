using Microsoft.ML.OnnxRuntime;
using RnnCodegen.Interchange.Onnx;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Exported models that stream go on in ONNX Runtime from the states that the call before gave.</summary>
public class StateExportTests
{
    private const int Steps = 7;
    private const int Batch = 2;
    private const double Tolerance = 1e-5;

    public static TheoryData<string, LayerAttribute[]> Streams => new()
    {
        { "a stack of LSTMs and a GRU",
            [new LstmAttribute(4) { Layers = 2, Peepholes = true }, new DenseAttribute(3), new GruAttribute(5) { ResetAfter = false }] },
        { "a simple layer between others", [new Conv1dAttribute(4, 1), new ElmanAttribute(3), new LayerNormAttribute()] },
        { "a projection", [new LstmAttribute(5) { Projection = 2 }, new DenseAttribute(2)] },
        { "one row a sequence", [new GruAttribute(4) { ReturnSequences = false }, new DenseAttribute(2)] },
        { "a state alone", [new LstmAttribute(4) { ReturnSequences = false }] },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void Steps_and_chunks_of_a_sequence_give_what_the_whole_gives(string what, LayerAttribute[] layers)
    {
        var model = Model(layers);
        var file = OnnxExporter.ToBytes(model, out _);
        using var session = new InferenceSession(file);
        var input = OnnxRuntimeModel.Input(model, Steps, Batch);

        foreach (var length in new[] { 1, 3, Steps })
        {
            var states = session.InputNames.Where(n => n != "input").ToDictionary(n => n, n => new float[Size(session, n)]);
            Assert.True(states.Count > 0, what);
            for (var start = 0; start < Steps; start += length)
            {
                var count = Math.Min(length, Steps - start);
                var actual = Run(session, input, start, count, states);
                var expected = DescriptionReference.Run(model, Rows.Of(start + count, Batch, 3, (t, b, i) => input[t, b, i]));
                Assert.All(expected.Values[^actual.Length..].Zip(actual), p => Assert.Equal(p.First, p.Second, Tolerance));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Reading_back_gives_the_same_layers_without_their_states(string what, LayerAttribute[] layers)
    {
        var model = Model(layers);
        var copy = OnnxImporter.Read(OnnxExporter.ToBytes(model, out _), "copy.onnx");

        var input = OnnxRuntimeModel.Input(model, Steps, Batch);
        Assert.True(copy.Signature!.States.Count > 0, what);
        Assert.InRange(
            OnnxRuntimeModel.Difference(DescriptionReference.Run(model, input), DescriptionReference.Run(copy, input)), 0, Tolerance);
    }

    [Fact]
    public void States_have_the_names_of_the_models_own()
    {
        using var session = new InferenceSession(OnnxExporter.ToBytes(Model([new LstmAttribute(4) { Layers = 2 }]), out var notes));
        Assert.Empty(notes);
        Assert.Equal(["input", "L0.h_l0", "L0.c_l0", "L0.h_l1", "L0.c_l1"], session.InputNames);
        Assert.Equal(["output", "L0.h_l0.next", "L0.c_l0.next", "L0.h_l1.next", "L0.c_l1.next"], session.OutputNames);
    }

    public static TheoryData<LayerAttribute[], string> Whole => new()
    {
        { [new GruAttribute(3) { Bidirectional = true }], "'L0' starts from the end of the sequence" },
        { [new GruAttribute(3) { LearnedInitialState = true }], "'L0' starts from a state that is learned" },
        { [new GruAttribute(3), new Conv1dAttribute(2, 3)], "'L1' sees rows of several steps" },
        { [new GruAttribute(3), new GlobalPoolAttribute(Pooling.Max)], "'L1' needs all steps" },
    };

    [Theory]
    [MemberData(nameof(Whole))]
    public void What_does_not_stream_has_no_states_and_a_note_says_why(LayerAttribute[] layers, string why)
    {
        var model = Model(layers);
        using var session = new InferenceSession(OnnxExporter.ToBytes(model, out var notes));
        Assert.Equal(["input"], session.InputNames);
        Assert.Contains(notes, n => n.Contains(why, StringComparison.Ordinal));

        var error = Assert.Throws<NotSupportedException>(
            () => OnnxExporter.ToBytes(model, out _, new OnnxExportOptions { States = true }));
        Assert.Contains("cannot be exported to ONNX with states", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_states_each_call_starts_from_zeros()
    {
        using var session = new InferenceSession(
            OnnxExporter.ToBytes(Model([new GruAttribute(3)]), out _, new OnnxExportOptions { States = false }));
        Assert.Equal(["input", "output"], session.InputNames.Concat(session.OutputNames));
    }

    private static ModelDescription Model(LayerAttribute[] layers)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 3 } };
        foreach (var (k, options) in layers.Index())
        {
            model.Add($"L{k}", options);
        }

        return DescriptionReference.Fill(model, 8);
    }

    private static int Size(InferenceSession session, string name) => Batch * session.InputMetadata[name].Dimensions[^1];

    /// <summary>Some steps' output; the states become those after them.</summary>
    private static double[] Run(InferenceSession session, Rows input, int start, int count, Dictionary<string, float[]> states)
    {
        var rows = Enumerable.Range(start, count).SelectMany(t => Enumerable.Range(0, Batch)
            .SelectMany(b => Enumerable.Range(0, 3).Select(i => (float)input[t, b, i]))).ToArray();
        var inputs = new Dictionary<string, OrtValue> { ["input"] = OrtValue.CreateTensorValueFromMemory(rows, [count, Batch, 3]) };
        foreach (var (name, values) in states)
        {
            inputs[name] = OrtValue.CreateTensorValueFromMemory(values, [1, Batch, values.Length / Batch]);
        }

        using var options = new RunOptions();
        using var outputs = session.Run(options, inputs, session.OutputNames);
        foreach (var (k, name) in session.OutputNames.Index().Skip(1))
        {
            states[name[..^".next".Length]] = outputs[k].GetTensorDataAsSpan<float>().ToArray();
        }

        return Array.ConvertAll(outputs[0].GetTensorDataAsSpan<float>().ToArray(), v => (double)v);
    }
}
