using RnnCodegen.Reference;
using Xunit;

namespace RnnCodegen.Tests.Training;

public sealed class CtcLossTests
{
    [Theory]
    [InlineData(1, 2, 0, new int[0])]
    [InlineData(1, 2, 0, new[] { 1 })]
    [InlineData(4, 3, 0, new int[0])]
    [InlineData(4, 3, 0, new[] { 2 })]
    [InlineData(4, 3, 0, new[] { 1, 2 })]
    [InlineData(5, 3, 0, new[] { 1, 1 })]
    [InlineData(5, 3, 0, new[] { 1, 1, 2 })]
    [InlineData(5, 3, 1, new[] { 0, 2, 0 })]
    [InlineData(5, 3, 2, new[] { 0, 0, 1 })]
    [InlineData(6, 4, 3, new[] { 0, 1, 0, 2 })]
    [InlineData(6, 2, 0, new[] { 1, 1, 1 })]
    public void Loss_and_gradient_are_those_of_all_alignments(int steps, int features, int blank, int[] labels)
    {
        var output = LossReference.Uniform(new Random(7), steps * features);
        var gradient = new float[output.Length];
        gradient.AsSpan().Fill(float.NaN);
        var loss = new CtcLoss { BlankIndex = blank, Reduction = Reduction.Sum };
        var value = loss.Compute(output, labels, [labels.Length], gradient, new LossShape(steps, 1, features));

        AssertGradient(value, gradient, output, y => CtcReference.OfAllAlignments(y, features, labels, blank));
        Assert.Equal(value, loss.Compute(output, labels, [labels.Length], [], new LossShape(steps, 1, features)));
    }

    [Fact]
    public void Batches_of_any_lengths_have_each_samples_loss_divided_by_its_labels()
    {
        const int Steps = 5, Batch = 4, Features = 3;
        int[] lengths = [5, 3, 0, 4];
        float[] weights = [1, 2, 1, 0.5f];
        int[][] labels = [[1, 2, 1], [2], [], [1, 1]];
        int[] all = [.. labels.SelectMany(l => l)];
        int[] labelLengths = [.. labels.Select(l => l.Length)];
        var output = LossReference.Uniform(new Random(8), Steps * Batch * Features);
        foreach (var (reduction, window, skip) in new[]
        {
            (Reduction.Mean, LossWindow.All, 0), (Reduction.Sum, LossWindow.All, 0),
            (Reduction.Mean, LossWindow.After(1), 1), (Reduction.Mean, LossWindow.Of(1, 9), 1),
        })
        {
            var gradient = new float[output.Length];
            var loss = new CtcLoss { Reduction = reduction, Window = window };
            var shape = new LossShape(Steps, Batch, Features, lengths) { SampleWeights = weights };
            var value = loss.Compute(output, all, labelLengths, gradient, shape);
            AssertGradient(value, gradient, output, y =>
            {
                var sum = 0.0;
                for (var b = 0; b < Batch; b++)
                {
                    double[] rows = [.. Enumerable.Range(0, lengths[b]).Skip(skip)
                        .SelectMany(t => y.Skip(((t * Batch) + b) * Features).Take(Features))];
                    var one = CtcReference.OfAllAlignments(rows, Features, labels[b], 0);
                    sum += weights[b] * (reduction == Reduction.Mean ? one / Math.Max(1, labels[b].Length) : one);
                }

                return reduction == Reduction.Mean ? sum / weights.Sum() : sum;
            });
        }
    }

    [Fact]
    public void Long_sequences_follow_the_recursion_in_linear_space()
    {
        const int Steps = 40, Features = 30;
        var random = new Random(9);
        var output = LossReference.Uniform(random, Steps * Features);
        int[] labels = [.. Enumerable.Range(0, 15).Select(_ => 1 + random.Next(3))];
        var gradient = new float[output.Length];
        var value = new CtcLoss { Reduction = Reduction.Sum }.Compute(output, labels, [15], gradient, new LossShape(Steps, 1, Features));
        AssertGradient(value, gradient, output, y => CtcReference.OfRecursion(y, Features, labels));
    }

    [Theory]
    [InlineData(10, 5)]
    [InlineData(3000, 50)]
    public void Uniform_outputs_count_the_ways(int steps, int features)
    {
        // One label's run can start and end anywhere: T (T + 1) / 2 ways of C^T.
        var gradient = new float[steps * features];
        var value = Loss.Ctc.Compute(new float[steps * features], [2], [1], gradient, new LossShape(steps, 1, features));
        var expected = (steps * Math.Log(features)) - Math.Log(steps * (steps + 1.0) / 2);
        Assert.Equal(expected, value, 2e-7 * expected);

        // Of them 2 t (T - t + 1) / (T (T + 1)) say it at step t, counted from 1.
        for (var t = 1; t <= steps; t += 1 + (steps / 10))
        {
            Assert.Equal((1.0 / features) - (2.0 * t * (steps - t + 1) / (steps * (steps + 1.0))), gradient[((t - 1) * features) + 2],
                1e-6);
        }
    }

    [Fact]
    public void Labels_that_do_not_fit_cost_infinity_or_nothing()
    {
        // Two equal labels need three steps. The other sample's loss and gradient are as if alone.
        var output = LossReference.Uniform(new Random(4), 2 * 2 * 3);
        var (gradient, alone) = (new float[12], new float[6]);
        var shape = new LossShape(2, 2, 3);
        Assert.Equal(float.PositiveInfinity, Loss.Ctc.Compute(output, [1, 1, 2], [2, 1], gradient, shape));
        Assert.Equal([true, true, true, false, false, false, true, true, true, false, false, false], gradient.Select(float.IsNaN));

        float[] second = [.. output[3..6], .. output[9..12]];
        var one = Loss.Ctc.Compute(second, [2], [1], alone, new LossShape(2, 1, 3));
        var zero = new CtcLoss { ZeroInfinity = true };
        Assert.Equal(one / 2, zero.Compute(output, [1, 1, 2], [2, 1], gradient, shape), 1e-6);
        Assert.Equal([0f, 0, 0, alone[0] / 2, alone[1] / 2, alone[2] / 2, 0, 0, 0, alone[3] / 2, alone[4] / 2, alone[5] / 2], gradient);
        Assert.Equal(one / 2, zero.Compute(output, [1, 1, 2], [2, 1], [], shape), 1e-6);

        // No step says nothing, and nothing else.
        Assert.Equal(0, Loss.Ctc.Compute(output.AsSpan(0, 3), [], [0], [], new LossShape(1, 1, 3, [0])));
        Assert.Equal(float.PositiveInfinity, Loss.Ctc.Compute(output.AsSpan(0, 3), [1], [1], [], new LossShape(1, 1, 3, [0])));
    }

    [Fact]
    public void A_number_that_is_not_one_shows()
    {
        var gradient = new float[6];
        Assert.True(float.IsNaN(Loss.Ctc.Compute([1, float.NaN, 0, 1, 2, 3], [1], [1], gradient, new LossShape(2, 1, 3))));
        Assert.True(
            float.IsNaN(new CtcLoss { ZeroInfinity = true }.Compute([1, float.NaN, 0, 1, 2, 3], [1], [1], [], new LossShape(2, 1, 3))));
    }

    [Fact]
    public void Labels_that_cannot_be_are_refused()
    {
        AssertRefused("label lengths add up to 1, but there are 2",
            () => Loss.Ctc.Compute(new float[6], [1, 2], [1], [], new LossShape(2, 1, 3)));
        AssertRefused("Expected 1 label lengths", () => Loss.Ctc.Compute(new float[6], [1, 2], [1, 1], [], new LossShape(2, 1, 3)));
        AssertRefused("Label 3 at position 1 of sample 0 is not from 0 to 2", () =>
            Loss.Ctc.Compute(new float[6], [1, 3], [2], [], new LossShape(2, 1, 3)));
        AssertRefused("Label 0 at position 0 of sample 1 is the blank", () =>
            Loss.Ctc.Compute(new float[6], [1, 0], [1, 1], [], new LossShape(1, 2, 3)));
        AssertRefused("blank is class 3, but there are 3", () =>
            new CtcLoss { BlankIndex = 3 }.Compute(new float[6], [1], [1], [], new LossShape(2, 1, 3)));
        Assert.Throws<ArgumentOutOfRangeException>("target", () => Loss.Ctc.Compute(new float[6], [], [-1], [], new LossShape(2, 1, 3)));
        Assert.Throws<ArgumentOutOfRangeException>("BlankIndex", () => new CtcLoss { BlankIndex = -1 });
        Assert.Throws<NotSupportedException>(() => Loss.Ctc.Compute(new float[6], [1, 2], [], new LossShape(2, 1, 3)));
        Assert.Throws<NotSupportedException>(() => Loss.CrossEntropy.Compute(new float[6], [1, 2], [2], [], new LossShape(2, 1, 3)));

        static void AssertRefused(string message, Action action) =>
            Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_grows_to_the_largest_sample_and_is_kept()
    {
        var random = new Random(1);
        var (output, gradient) = (LossReference.Uniform(random, 20 * 3 * 7), new float[20 * 3 * 7]);
        int[] labels = [1, 2, 3, 4, 4, 5, 6];
        int[] labelLengths = [3, 0, 4];
        int[] lengths = [20, 7, 15];
        Allocation.AssertNone(() =>
        {
            Loss.Ctc.Compute(output, labels, labelLengths, gradient, new LossShape(20, 3, 7, lengths));
            Loss.Ctc.Compute(output, labels, labelLengths, [], new LossShape(20, 3, 7));
        });
    }

    [Fact]
    public void One_instance_serves_many_threads()
    {
        var output = LossReference.Uniform(new Random(2), 30 * 5);
        var expected = Compute(0);
        var values = new float[64];
        Parallel.For(0, values.Length, i => values[i] = Compute(i % 3));
        Assert.All(values.Where((_, i) => i % 3 == 0), value => Assert.Equal(expected, value));
        Assert.Equal(3, values.Distinct().Count());

        float Compute(int more) => Loss.Ctc.Compute(
            output, Enumerable.Repeat(1, 4 + more).ToArray(), [4 + more], new float[150], new LossShape(30, 1, 5));
    }

    private static void AssertGradient(double value, float[] gradient, float[] output, Func<double[], double> reference)
    {
        double[] wide = [.. output.Select(v => (double)v)];
        var exact = reference(wide);
        Assert.Equal(exact, value, 1e-6 * (1 + Math.Abs(exact)));
        const double Step = 1e-4;
        for (var i = 0; i < output.Length; i += 1 + (output.Length / 97))
        {
            var saved = wide[i];
            wide[i] = saved + Step;
            var above = reference(wide);
            wide[i] = saved - Step;
            var below = reference(wide);
            wide[i] = saved;
            Assert.Equal((above - below) / (2 * Step), gradient[i], 3e-7);
        }
    }
}
