using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>Truncated backpropagation, against the same written naively in double precision.</summary>
public sealed class TruncationTests
{
    [Theory]
    [InlineData(3, 3)]
    [InlineData(3, 6)]
    [InlineData(2, 5)]
    [InlineData(4, 7)]
    [InlineData(20, 20)]
    [InlineData(1, 4)]
    public void Windows_follow_the_algorithm_step_by_step(int steps, int window)
    {
        const double Rate = 0.1;
        int[] lengths = [13, 9, 13];
        var random = new Random(7);
        (float[] X, float[] Y)[] streams = [.. lengths.Select(length => StreamData.Sequence(random, length))];
        var set = TrainingSet.OfRows(1);
        foreach (var (x, y) in streams)
        {
            set.Add(x, y);
        }

        var model = new LeakyModel(drops: false);
        var result = new Trainer<LeakyModel>(model, Loss.MeanSquaredError, new Sgd(Rate)) { Truncation = new Truncation(steps, window) }
            .Fit(set, set, 2);

        double[] p = [0.5, 0.25, 1];
        var losses = new List<double>();
        for (var epoch = 0; epoch < 2; epoch++)
        {
            losses.Add(TrainNaively(streams, p, steps, window, Rate));
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(p[i], model.Core.Parameters.Values[i], 2e-6);
        }

        Assert.Equal(losses[1], result.TrainingLosses[1], 2e-6);
        Assert.Equal(Evaluate(streams, p), result.ValidationLosses[1], 2e-6);
    }

    [Fact]
    public void Windows_longer_than_all_streams_take_no_more_memory_than_the_streams()
    {
        var (set, models) = (StreamData.Set(1, 9, 5), new[] { new LeakyModel(), new LeakyModel() });
        Truncation?[] windows = [new Truncation(1_000_000_000, 2_000_000_000), new Truncation(10)];
        for (var i = 0; i < models.Length; i++)
        {
            new Trainer<LeakyModel>(models[i], Loss.MeanSquaredError, new Sgd(0.1)) { Truncation = windows[i] }.Fit(set, set, 2);
        }

        Assert.Equal(models[1].Core.Parameters.Values.ToArray(), models[0].Core.Parameters.Values.ToArray());
    }

    [Fact]
    public void Streams_of_more_than_one_batch_each_start_at_zero()
    {
        // Twins, one after the other: had the second started from the first one's end, its loss would be another.
        var (x, y) = StreamData.Sequence(new Random(1), 10);
        var set = TrainingSet.OfRows(1);
        set.Add(x, y);
        var one = Evaluate(set);
        set.Add(x, y);
        Assert.Equal(one, Evaluate(set));

        static float Evaluate(TrainingSet set) =>
            new Trainer<LeakyModel>(new LeakyModel(), Loss.MeanSquaredError,
                new Sgd(0)) { BatchSize = 1, Truncation = new Truncation(3) }.Evaluate(set);
    }

    [Fact]
    public void One_text_becomes_streams_that_say_the_next_token()
    {
        int[] text = [.. Enumerable.Range(0, 11)];
        var set = TrainingStreams.NextToken(text, 3);
        Assert.Equal((3, 3), (set.Count, set.MaxSteps));
        Assert.Equal([3, 4, 5], set[1].Tokens.ToArray());
        Assert.Equal([4, 5, 6], set[1].Ids.ToArray());
        Assert.Throws<ArgumentException>("tokens", () => TrainingStreams.NextToken(text, 11));

        var rows = TrainingStreams.Rows(new float[14], 2, new float[21], 3, 2);
        Assert.Equal((2, 3, 9), (rows.Count, rows.MaxSteps, rows[0].Values.Length));
        Assert.Throws<ArgumentException>("targets", () => TrainingStreams.Rows(new float[14], 2, new float[20], 3, 2));
    }

    [Fact]
    public void What_cannot_be_cut_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("window", () => new Truncation(4, 3));
        Assert.Throws<ArgumentOutOfRangeException>("steps", () => new Truncation(0));
        var tokens = TrainingSet.OfTokens();
        tokens.Add(new[] { 1, 2 }, 1);
        var error = Assert.Throws<ArgumentException>("Truncation", () => new Trainer<BagModel>(
            new BagModel(), Loss.CrossEntropy, new Sgd(1)) { Truncation = new Truncation(2) }.Fit(tokens, null, 1));
        Assert.Contains("one row per sequence", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>("Truncation", () => new Trainer<LeakyModel>(
            new LeakyModel(), new MeanSquaredErrorLoss { Window = LossWindow.Last() }, new Sgd(1)) { Truncation = new Truncation(2) }
            .Fit(StreamData.Set(1, 5), null, 1));
        Assert.Contains("needs the whole sequence", error.Message, StringComparison.Ordinal);
    }

    /// <summary>BPTT(k1; k2) as it is defined: at every k1 steps, the losses of these steps flow back through k2 steps.</summary>
    private static double TrainNaively((float[] X, float[] Y)[] streams, double[] p, int k1, int k2, double rate)
    {
        var longest = streams.Max(s => s.X.Length);
        var (lossSum, lossRows) = (0.0, 0);

        // States at the starts of windows to come, with the parameters of when they were passed.
        var states = new Dictionary<(int Stream, int Step), double>();
        for (var counted = 0; counted < longest; counted += k1)
        {
            var (end, start) = (Math.Min(counted + k1, longest), Math.Max(0, counted + k1 - k2));
            var next = Math.Max(0, counted + (2 * k1) - k2);
            var gradient = new double[3];
            var rows = streams.Sum(s => Math.Max(0, Math.Min(s.X.Length, end) - counted));
            for (var b = 0; b < streams.Length; b++)
            {
                var (x, y) = streams[b];
                var last = Math.Min(end, x.Length);
                var h = new double[longest + 1];
                h[start] = start == 0 ? 0 : states[(b, start)];
                for (var t = start; t < end; t++)
                {
                    h[t + 1] = t < last ? (p[1] * h[t]) + (p[0] * x[t]) : h[t];
                }

                if (next <= end)
                {
                    states[(b, next)] = h[next];
                }

                var dh = 0.0;
                for (var t = last - 1; t >= start; t--)
                {
                    if (t >= counted)
                    {
                        var error = (p[2] * h[t + 1]) - y[t];
                        lossSum += error * error;
                        lossRows++;
                        gradient[2] += 2 * error / rows * h[t + 1];
                        dh += 2 * error / rows * p[2];
                    }

                    gradient[0] += dh * x[t];
                    gradient[1] += dh * h[t];
                    dh *= p[1];
                }
            }

            for (var i = 0; i < 3; i++)
            {
                p[i] -= rate * gradient[i];
            }
        }

        return lossSum / lossRows;
    }

    private static double Evaluate((float[] X, float[] Y)[] streams, double[] p)
    {
        var (sum, rows) = (0.0, 0);
        foreach (var (x, y) in streams)
        {
            var h = 0.0;
            for (var t = 0; t < x.Length; t++)
            {
                h = (p[1] * h) + (p[0] * x[t]);
                sum += Math.Pow((p[2] * h) - y[t], 2);
                rows++;
            }
        }

        return sum / rows;
    }
}
