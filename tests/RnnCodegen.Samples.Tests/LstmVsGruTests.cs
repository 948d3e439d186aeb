using LstmVsGru;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>A study that takes seconds, its data, and its report.</summary>
public sealed class LstmVsGruTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Study_tunes_compares_goes_on_where_it_was_and_reports()
    {
        var study = new Study(
            [new Adding(steps: 10, sequences: 1500) { Epochs = 6 }, new Weather { Epochs = 2 }],
            [3e-3, 1e-2], [1, 2], BothSizes: false, _folder);
        var worker = SweepWorker.OnThreads(1);
        Assert.Equal(16, study.Tune().Run(study.Tuning, worker).Count);
        Assert.Empty(study.Tune().Run(study.Tuning, worker));
        Assert.Equal(16, study.Compare().Run(study.Comparison, worker).Count);

        var gru = study.Outcomes().Single(outcome => outcome.Problem is Adding && outcome.Contender.Cell == "GRU");
        Assert.Equal(2, gru.Runs.Count);
        Assert.True(gru.Mean < 0.05, $"A GRU adds with an error of {gru.Mean}; always saying 1 has one of 0.167.");

        var markdown = Path.Combine(_folder, "report.md");
        var costs = Contender.OfCosts().Select(contender => new Cost(contender, 1, 2, 3)).ToArray();
        var html = StudyReport.Write(study, costs, "the command", markdown);
        var text = File.ReadAllText(markdown);
        Assert.Contains("| GRU 37 (5,521 parameters) |", text, StringComparison.Ordinal);
        Assert.Contains("the command", text, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "images", "report-gradients-before.png")));
        Assert.Contains("<table>", File.ReadAllText(html), StringComparison.Ordinal);
    }

    [Fact]
    public void Contenders_have_as_many_units_or_as_many_parameters_as_the_lstm()
    {
        foreach (var shape in Enum.GetValues<Shape>())
        {
            var all = Contender.Of(shape);
            var lstm = all.Single(contender => contender.Cell == "LSTM");
            Assert.All(all, contender => Assert.True(
                contender.Units == lstm.Units
                || Math.Abs(contender.Definition.ParameterCount - lstm.Definition.ParameterCount) < 0.03 * lstm.Definition.ParameterCount,
                $"{contender.Name} has {contender.Definition.ParameterCount} parameters, the LSTM {lstm.Definition.ParameterCount}."));
        }
    }

    [Fact]
    public void Forget_gates_start_open_and_all_other_biases_at_0()
    {
        var parameters = Contender.Of(Shape.Rows).Single(contender => contender.Cell == "LSTM").Create(seed: 1).Parameters;
        var (input, hidden) = (parameters["Cell.bias_ih_l0"].Values.ToArray(), parameters["Cell.bias_hh_l0"].Values.ToArray());
        Assert.All(input.Zip(hidden), (pair, row) => Assert.Equal(row is >= 32 and < 64 ? 1 : 0, pair.First + pair.Second));
    }

    [Fact]
    public void Untrained_gates_of_no_input_and_no_state_have_their_bias_as_argument()
    {
        var lstm = Contender.Of(Shape.Rows).Single(contender => contender.Cell == "LSTM");
        var gates = GateActivity.Of(lstm.Create(seed: 1), lstm.Units, new float[Problem.Width]);
        Assert.All(gates.Cast<double>(), gate => Assert.Equal(1 / (1 + Math.Exp(-1)), gate, 1e-6));
    }

    /// <summary>
    /// Where what a cell adds is one number k at every step, its state goes from s to g s + k (LSTM, which adds i g~ = k), or to
    /// g s + (1 - g) k (GRU, whose new gate is k): so the states say what the gate is.
    /// </summary>
    [Theory]
    [InlineData("LSTM", "c")]
    [InlineData("GRU", "h")]
    public void Gates_are_what_the_states_of_the_model_say(string cell, string kept)
    {
        // Few: a GRU's state nears k, where its difference from k has few digits.
        const int Steps = 5;
        var contender = Contender.Of(Shape.Rows).First(c => c.Cell == cell);
        var (model, units) = (contender.Create(seed: 3), contender.Units);
        var (isLstm, bias) = (cell == "LSTM", 0.4f);
        foreach (var tensor in model.Parameters.Tensors.Where(t => t.Name.StartsWith("Cell.", StringComparison.Ordinal)))
        {
            var values = tensor.Edit();
            var width = values.Length / ((isLstm ? 4 : 3) * units);
            for (var row = 0; row < values.Length / width; row++)
            {
                // Of the blocks i, f, g, o and r, z, n, f and z stay as they are.
                if (row / units != 1)
                {
                    values.Slice(row * width, width).Fill(tensor.Name.StartsWith("Cell.bias_ih", StringComparison.Ordinal) ? bias : 0);
                }
            }
        }

        var added = isLstm ? Math.Tanh(bias) / (1 + Math.Exp(-bias)) : Math.Tanh(bias);
        var random = new Random(4);
        float[] rows = [.. Enumerable.Range(0, Steps * Problem.Width).Select(_ => (random.NextSingle() * 2) - 1)];
        var (state, y, expected) = (model.CreateState(), new float[Problem.Width], new double[units, Steps]);
        for (var t = 0; t < Steps; t++)
        {
            var before = state.Vector($"Cell.{kept}_l0").ToArray();
            model.Step(rows.AsSpan(t * Problem.Width, Problem.Width), y, state);
            var after = state.Vector($"Cell.{kept}_l0");
            for (var unit = 0; unit < units; unit++)
            {
                expected[unit, t] = isLstm ? (after[unit] - added) / before[unit] : (after[unit] - added) / (before[unit] - added);
            }
        }

        // Of an LSTM the first state is 0, which says nothing; units come sorted by their mean.
        var gates = GateActivity.Of(model, units, rows);
        var first = isLstm ? 1 : 0;
        for (var t = first; t < Steps; t++)
        {
            double[] Column(double[,] all) => [.. Enumerable.Range(0, units).Select(unit => all[unit, t]).Order()];
            Assert.All(Column(expected).Zip(Column(gates)), pair => Assert.Equal(pair.First, pair.Second, 2e-4));
        }
    }

    [Fact]
    public void Norms_are_those_of_finite_differences()
    {
        var gru = Contender.Of(Shape.Rows).First(contender => contender.Cell == "GRU").Create(seed: 1);
        var samples = new Adding(steps: 6, sequences: 1) { Epochs = 1 }.Draw(1, seed: 1).Select(drawn => drawn.Rows).ToArray();
        var norms = GradientFlow.Norms(gru, samples);
        Assert.Equal(1, norms[0], 1e-12);
        Assert.Equal(Slope(lag: 3) / Slope(lag: 1), norms[2], 0.01 * norms[2]);

        double Slope(int lag)
        {
            var (state, sum) = (gru.CreateState(), 0.0);
            gru.Run(samples[0].AsSpan(0, (6 - lag) * Problem.Width), new float[(6 - lag) * Problem.Width], 6 - lag, finalState: state);
            for (var unit = 0; unit < 32; unit++)
            {
                var difference = (Answer(state, lag, unit, 1e-2f) - Answer(state, lag, unit, -1e-2f)) / 2e-2;
                sum += difference * difference;
            }

            return Math.Sqrt(sum);
        }

        double Answer(ModelState start, int lag, int unit, float change)
        {
            var (state, y) = (gru.CreateState(), new float[lag * Problem.Width]);
            state.CopyFrom(start);
            state.Vector(state.Slots[0].Name)[unit] += change;
            gru.Run(samples[0].AsSpan((6 - lag) * Problem.Width), y, lag, initialState: state);
            return y[(lag - 1) * Problem.Width];
        }
    }
}
