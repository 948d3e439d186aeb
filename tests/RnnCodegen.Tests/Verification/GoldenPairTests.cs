using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Tests.Verification;

/// <summary>A golden pair finds what differs, where, and in which way of computing it.</summary>
public sealed class GoldenPairTests : IDisposable
{
    private readonly TempFolder _folder = new();

    // Three steps of two samples.
    private static readonly float[] s_rows = [1, -1, 0.5f, 2, 0.25f, -0.5f];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_recorded_passes_exactly()
    {
        var model = new LeakyModel();
        var initial = model.Core.CreateState(2);
        initial.Vector("Cell.h_l0", 1)[0] = 3;
        GoldenPair.Record(model, s_rows, 3, 2, [3, 1], initial, tolerance: 1e-7).Save(_folder.File("golden"));

        var pair = GoldenPair.Load(_folder.File("golden"));
        var report = pair.Compare(model);

        Assert.Equal((3, 2, 1e-7, 0), (pair.Steps, pair.Batch, pair.Tolerance, pair.RelativeTolerance));
        Assert.True(report.Passed);
        Assert.Equal(0, report.LargestDifference);
        Assert.Equal(["Run", "Step"], report.Results.Select(r => r.Call));
        Assert.Equal("Leaky", report.Model);
    }

    [Fact]
    public void The_output_is_that_of_the_equations()
    {
        var pair = Load(Input(), Tensor("output", [3, 2, 1], [0.5f, -0.5f, 0.375f, 0.875f, 0.21875f, -0.03125f]),
            Tensor("final.Cell.h_l0", [2, 1], [0.21875f, -0.03125f]));
        Assert.Equal(0, pair.Compare(new LeakyModel()).LargestDifference);
        Assert.Equal(GoldenPair.DefaultTolerance, pair.Tolerance);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public void A_wrong_value_is_found_at_its_place(int step, int sample)
    {
        var output = Outputs();
        output[(step * 2) + sample] += 0.5f;
        var report = Load(Input(), Tensor("output", [3, 2, 1], output)).Compare(new LeakyModel());

        Assert.False(report.Passed);
        Assert.All(report.Results,
            r => Assert.Equal(("output", step, sample, 0, 0.5), (r.Tensor, r.Step, r.Sample, r.Feature, r.LargestDifference)));
        Assert.All(report.Results, r => Assert.Equal(0.5f, r.Expected - r.Actual));
        Assert.Contains($"output[{step}, {sample}, 0]", report.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("Leaky: FAILED, tolerance 1E-05 + 1E-05 |expected|\nRun differs by 0.5 at most", report.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_final_state_is_found_at_its_place()
    {
        var report = Load(Input(), Tensor("output", [3, 2, 1], Outputs()), Tensor("final.Cell.h_l0", [2, 1], [0.21875f, 1])).Compare(
            new LeakyModel());
        Assert.All(report.Results, r => Assert.Equal(("final.Cell.h_l0", -1, 1, 0), (r.Tensor, r.Step, r.Sample, r.Feature)));
        Assert.Equal("final.Cell.h_l0[1, 0]", report.Worst.Place);
        Assert.False(report.Passed);
    }

    [Fact]
    public void A_step_that_differs_from_run_is_found()
    {
        var pair = GoldenPair.Record(new LeakyModel(), s_rows, 3, 2);
        var report = pair.Compare(new LeakyModel(wrongStep: 2));

        Assert.Equal(0, report.Results[0].LargestDifference);
        Assert.Equal(("Step", 0.875), (report.Worst.Call, report.LargestDifference));
        Assert.False(report.Passed);
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(0.499, false)]
    public void A_difference_of_the_tolerance_passes(double tolerance, bool passes)
    {
        var output = Outputs();
        output[3] += 0.5f;
        var pair = Load(Input(), Tensor("output", [3, 2, 1], output));
        Assert.Equal(passes, pair.Compare(new LeakyModel(), tolerance).Passed);
    }

    [Theory]
    [InlineData(0.25, 0.25, true)]
    [InlineData(0.25, 0.24, false)]
    [InlineData(0.0, 0.501, true)]
    [InlineData(null, 0.501, true)]
    [InlineData(0.25, null, false)]
    public void A_value_may_differ_by_a_part_of_its_own_size(double? tolerance, double? relative, bool passes)
    {
        // The model gives 0.5 and 0.5 less; only the first value has the size for it.
        var output = Outputs();
        (output[0], output[1]) = (1, output[1] + 0.0625f);
        var pair = Load(Input(), Tensor("output", [3, 2, 1], output));

        var report = pair.Compare(new LeakyModel(), tolerance, relative);

        Assert.Equal(passes, report.Passed);
        Assert.Equal((0.5, passes), (report.LargestDifference, report.Worst.Passed));
    }

    [Fact]
    public void The_value_that_is_worst_against_what_is_allowed_is_named()
    {
        var output = Outputs();
        (output[0], output[1]) = (1, output[1] + 0.25f);
        var pair = Load(Input(), Tensor("output", [3, 2, 1], output));

        var report = pair.Compare(new LeakyModel(), 0.01, 0.6);

        Assert.All(report.Results, r => Assert.Equal((0, 1, 0.5), (r.Step, r.Sample, r.LargestDifference)));
        Assert.Equal(0.01 + (0.6 * Math.Abs(output[1])), report.Worst.Allowed, 1e-12);
    }

    [Fact]
    public void Tolerances_of_a_pair_are_those_of_its_file()
    {
        GoldenPair.Record(new LeakyModel(), s_rows, 3, 2).Save(_folder.File("golden"));
        var tensors = SafeTensorsFile.Read(_folder.File("golden")).Tensors;

        Assert.Equal((1e-5, 1e-5), Said([]));
        Assert.Equal((0.5, 0), Said(new() { ["tolerance"] = "0.5" }));
        Assert.Equal((1e-5, 0.25), Said(new() { ["relative_tolerance"] = "0.25" }));

        (double, double) Said(Dictionary<string, string> metadata) =>
            GoldenPair.Parse("golden", SafeTensorsFile.Of(tensors, metadata)) is var pair
                ? (pair.Tolerance, pair.RelativeTolerance)
                : default;
    }

    [Fact]
    public void A_result_that_is_not_a_number_fails_whatever_the_tolerance()
    {
        var pair = GoldenPair.Record(new LeakyModel(), s_rows, 3, 2);
        var model = new LeakyModel();
        model.Core.Parameters.Edit()[1] = float.NaN;
        var report = pair.Compare(model, 1e30);

        Assert.False(report.Passed);
        Assert.Equal(double.PositiveInfinity, report.LargestDifference);
    }

    [Fact]
    public void Lengths_and_initial_states_are_obeyed()
    {
        // Past its length a sample's output is 0 and its state stays.
        var pair = Load(
            Input(), SafeTensor.Of<long>("lengths", [2], new long[] { 3, 1 }),
            Tensor("initial.Cell.h_l0", [2, 1], [2, 4]),
            Tensor("output", [3, 2, 1], [1, 0.5f, 0.5f, 0, 0.25f, 0]), Tensor("final.Cell.h_l0", [2, 1], [0.25f, 0.5f]));
        Assert.Equal(0, pair.Compare(new LeakyModel()).LargestDifference);
    }

    [Fact]
    public void Tokens_and_one_row_a_sequence_are_compared()
    {
        var bag = new BagModel();
        bag.Core.Parameters.Edit()[4] = 1;
        var pair = Save(GoldenPair.Record(bag, [1, 2, 3, 1], 2, 2, [2, 1]));
        Assert.Equal([0, 0], [pair.Compare(bag).Results.Count - 1, pair.Compare(bag).LargestDifference]);

        bag.Core.Parameters.Edit()[4] = 2;
        var worst = pair.Compare(bag).Worst;
        Assert.Equal(("Run", "output", -1, 0, 1), (worst.Call, worst.Tensor, worst.Step, worst.Sample, worst.Feature));

        var table = new TableModel();
        table.Core.Parameters.Edit()[4] = 1;
        Assert.True(Save(GoldenPair.Record(table, [1, 2, 3, 1], 2, 2)).Compare(table).Passed);
    }

    [Fact]
    public void Steps_of_several_rows_and_a_memory_are_compared()
    {
        // Five rows are two steps and a half; the second sample has but one step, and two rows to attend to.
        SafeTensor[] tensors =
        [
            Tensor("input", [5, 2, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), SafeTensor.Of<int>("lengths", [2], new[] { 5, 2 }),
            Tensor("memory", [3, 2, 1], [100, 1, 200, 2, 400, 4]), SafeTensor.Of<int>("memory_lengths", [2], new[] { 3, 2 }),
            Tensor("output", [2, 2, 1], [704, 9, 716, 0]), Tensor("final.Sum.h_l0", [2, 1], [16, 6]),
        ];
        var report = Load(tensors).Compare(new PairsModel());
        Assert.Equal(0, report.LargestDifference);
        Assert.Equal(2, report.Results.Count);

        var state = new PairsModel().Core.CreateState(2);
        state.SetMemory([100, 1, 200, 2, 400, 4], 3, [3, 2]);
        var recorded = Save(GoldenPair.Record(new PairsModel(), [1f, 2, 3, 4, 5, 6, 7, 8, 9, 10], 5, 2, [5, 2], state));
        Assert.Equal(Load(tensors).Output.Floats, recorded.Output.Floats);
        Assert.Equal(0, recorded.Compare(new PairsModel()).LargestDifference);
    }

    [Fact]
    public void What_steps_and_a_memory_lack_is_said()
    {
        var error = Assert.Throws<InvalidDataException>(() =>
            Load(Tensor("input", [1, 1, 1], [1]), Tensor("memory", [1, 1, 1], [1]), Tensor("output", [1, 1, 1], [1])).Compare(
                new PairsModel()));
        Assert.Contains("it has 1 steps; Pairs needs 2 at least", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidDataException>(
            () => Load(Tensor("input", [2, 1, 1], [1, 1]), Tensor("output", [1, 1, 1], [1])).Compare(new PairsModel()));
        Assert.Contains("'memory' must have shape [S, 1, 1] for Pairs, but is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sequences_without_a_step_have_nothing_to_step_through()
    {
        var pair = GoldenPair.Record(new LeakyModel(), s_rows, 3, 2, [0, 0]);
        Assert.True(pair.Compare(new LeakyModel()).Passed);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1.0)]
    [InlineData(double.PositiveInfinity)]
    public void A_tolerance_that_is_none_is_refused(double tolerance)
    {
        var pair = GoldenPair.Record(new LeakyModel(), s_rows, 3, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Compare(new LeakyModel(), tolerance));
        Assert.Throws<ArgumentOutOfRangeException>(() => GoldenPair.Record(new LeakyModel(), s_rows, 3, 2, tolerance: tolerance));
    }

    private static SafeTensor Input() => Tensor("input", [3, 2, 1], s_rows);

    private static float[] Outputs() => [0.5f, -0.5f, 0.375f, 0.875f, 0.21875f, -0.03125f];

    private static SafeTensor Tensor(string name, int[] shape, float[] values) => new(name, shape, values);

    private GoldenPair Load(params SafeTensor[] tensors)
    {
        SafeTensorsFile.Write(_folder.File("golden"), tensors);
        return GoldenPair.Load(_folder.File("golden"));
    }

    private GoldenPair Save(GoldenPair pair)
    {
        pair.Save(_folder.File("golden"));
        return GoldenPair.Load(_folder.File("golden"));
    }
}
