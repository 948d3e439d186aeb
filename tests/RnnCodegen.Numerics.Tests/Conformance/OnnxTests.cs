using RnnCodegen.Kernels;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Numerics.Tests.Reference;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Conformance;

/// <summary>ONNX's own node tests: their expected outputs from the reference and from every engine.</summary>
public class OnnxTests
{
    private const string CasesFile = "onnx-node-tests/cases.json";

    /// <summary>Absolute; the cases' values are within [-1, 1] and given as floats.</summary>
    private const double Tolerance = 1e-6;

    private static readonly Dictionary<string, TestModel> Models = new()
    {
        ["test_gru_batchwise"] = TestModel.Of<OnnxGruI2H6>(),
        ["test_gru_defaults"] = TestModel.Of<OnnxGruI2H5>(),
        ["test_gru_seq_length"] = TestModel.Of<OnnxGruI3H5>(),
        ["test_gru_with_initial_bias"] = TestModel.Of<OnnxGruI3H3>(),
        ["test_lstm_batchwise"] = TestModel.Of<OnnxLstmI2H7>(),
        ["test_lstm_defaults"] = TestModel.Of<OnnxLstmI2H3>(),
        ["test_lstm_with_initial_bias"] = TestModel.Of<OnnxLstmI3H4>(),
        ["test_lstm_with_peepholes"] = TestModel.Of<OnnxLstmPeepholesI4H3>(),
        ["test_rnn_seq_length"] = TestModel.Of<OnnxElmanI3H5>(),
        ["test_simple_rnn_batchwise"] = TestModel.Of<OnnxElmanI2H4>(),
        ["test_simple_rnn_defaults"] = TestModel.Of<OnnxElmanI2H4>(),
        ["test_simple_rnn_with_initial_bias"] = TestModel.Of<OnnxElmanI3H5>(),
    };

    public static TheoryData<string> Names() => [.. Models.Keys];

    public static TheoryData<string, SimdWidth> NamesAndWidths()
    {
        var rows = new TheoryData<string, SimdWidth>();
        foreach (var name in Models.Keys)
        {
            foreach (var width in Enum.GetValues<SimdWidth>())
            {
                rows.Add(name, width);
            }
        }

        return rows;
    }

    [DataTheory(CasesFile)]
    [MemberData(nameof(Names))]
    public void Reference_gives_the_expected_outputs(string name)
    {
        var (test, model) = (Case(name), Models[name].Reference);
        var run = new ReferenceRun(model, test.ToCall(model));
        Require("Y_h", run.FinalState["Cell.h_l0"], test.ExpectedFinalState);
        if (test.ExpectedOutput is { } output)
        {
            Require("Y", run.Output, output);
        }
    }

    [DataTheory(CasesFile)]
    [MemberData(nameof(NamesAndWidths))]
    public void Engine_gives_the_expected_outputs(string name, SimdWidth width)
    {
        var (test, model) = (Case(name), Models[name]);
        var call = test.ToCall(model.Reference);
        var core = model.Create(width, call.Parameters);
        var (initial, final) = (core.CreateState(test.Batch), core.CreateState(test.Batch));
        foreach (var (slot, values) in call.InitialState)
        {
            for (var b = 0; b < test.Batch; b++)
            {
                TestModel.Narrow(values[(b * test.Units)..((b + 1) * test.Units)]).CopyTo(initial.Vector(slot, b));
            }
        }

        var y = new float[test.Steps * test.Batch * test.Units];
        core.Run(TestModel.Narrow(call.Input!), y, test.Steps, test.Batch, call.Lengths, initial, final);
        Require("Y_h", Enumerable.Range(0, test.Batch).SelectMany(b => Widen(final.Vector("Cell.h_l0", b))), test.ExpectedFinalState);
        if (test.ExpectedOutput is { } output)
        {
            Require("Y", Widen(y), output);
        }
    }

    [DataTheory(CasesFile)]
    [InlineData(CasesFile)]
    public void Every_case_of_the_file_is_tested(string file) =>
        Assert.Equal(Models.Keys.Order(), OnnxCase.ReadAll(SharedData.Find(file)!).Select(c => c.Name).Order());

    private static OnnxCase Case(string name) => OnnxCase.ReadAll(SharedData.Find(CasesFile)!).Single(c => c.Name == name);

    private static double[] Widen(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), v => (double)v);

    private static void Require(string what, IEnumerable<double> actual, double[] expected)
    {
        var values = actual.ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.True(Math.Abs(values[i] - expected[i]) <= Tolerance, $"{what}[{i}] is {values[i]:R}, expected {expected[i]:R}.");
        }
    }
}
