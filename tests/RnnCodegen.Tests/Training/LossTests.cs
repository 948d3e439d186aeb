using RnnCodegen.Reference;
using Xunit;

namespace RnnCodegen.Tests.Training;

public sealed class LossTests
{
    [Fact]
    public void Mean_squared_error_by_hand()
    {
        float[] output = [1, 2, 3, 4, 5, 6];
        float[] target = [0, 2, 5, 4, 5, 3];
        var gradient = new float[6];

        // Squares 1 0 4 0 0 9.
        Assert.Equal(14f / 6, Loss.MeanSquaredError.Compute(output, target, gradient, new LossShape(3, 2)), 1e-7f);
        AssertClose([2f / 6, 0, -4f / 6, 0, 0, 6f / 6], gradient, 1e-7);

        // [T, B, F] = [3, 2, 1] with lengths 2 and 1: rows 0 1 2 count.
        gradient.AsSpan().Fill(float.NaN);
        Assert.Equal(5f / 3, Loss.MeanSquaredError.Compute(output, target, gradient, new LossShape(3, 2, 1, [2, 1])), 1e-7f);
        AssertClose([2f / 3, 0, -4f / 3, 0, 0, 0], gradient, 1e-7);
    }

    [Fact]
    public void Cross_entropy_by_hand()
    {
        // softmax(ln 1, ln 2, ln 5) = 1/8, 2/8, 5/8; the second row is uniform.
        float[] output = [0, MathF.Log(2), MathF.Log(5), 7, 7, 7];
        var gradient = new float[6];
        var loss = Loss.CrossEntropy.Compute(output, [2, 0], gradient, new LossShape(2, 3));
        Assert.Equal((Math.Log(8.0 / 5) + Math.Log(3)) / 2, loss, 1e-7);
        AssertClose([1f / 16, 2f / 16, -3f / 16, -1f / 3, 1f / 6, 1f / 6], gradient, 1e-7);
    }

    [Fact]
    public void Cross_entropy_neither_overflows_nor_loses_small_losses()
    {
        var gradient = new float[2];
        Assert.Equal(2000, Loss.CrossEntropy.Compute([1000f, -1000f], [1], gradient, new LossShape(1, 2)), 0f);
        AssertClose([1, -1], gradient, 0);

        var small = Loss.CrossEntropy.Compute([0f, -20f], [0], gradient, new LossShape(1, 2));
        Assert.Equal(Math.Exp(-20), small, 1e-6 * Math.Exp(-20));

        // The same in wide rows, and wherever the class is.
        foreach (var (features, id) in new[] { (5, 4), (40, 0), (40, 21), (1100, 600) })
        {
            var logits = Enumerable.Repeat(-40f, features).ToArray();
            logits[id] = 3;
            logits[(id + 1) % features] = -17;
            var exact = Math.Exp(-20) + ((features - 2) * Math.Exp(-43));
            Assert.Equal(exact, Loss.CrossEntropy.Compute(logits, [id], new float[features], new LossShape(1, features)), 1e-6 * exact);
        }

        Assert.Equal(0, Loss.CrossEntropy.Compute([0f, float.NegativeInfinity], [0], gradient, new LossShape(1, 2)), 0f);
        AssertClose([0, 0], gradient, 0);
    }

    [Theory]
    [InlineData(1, 1, 1, null, null)]
    [InlineData(1, 5, 3, null, null)]
    [InlineData(4, 3, 17, null, null)]
    [InlineData(4, 3, 6, null, new[] { 0.5f, 0, 2 })]
    [InlineData(5, 4, 3, new[] { 5, 2, 0, 3 }, null)]
    [InlineData(5, 4, 9, new[] { 5, 2, 1, 3 }, new[] { 1f, 0.25f, 3, 1 })]
    [InlineData(2, 2, 1100, new[] { 1, 2 }, null)]
    [InlineData(4, 3, 6, null, null, true)]
    [InlineData(5, 4, 9, new[] { 5, 2, 1, 3 }, new[] { 1f, 0.25f, 3, 1 }, true)]
    public void Losses_and_gradients_are_those_of_the_definition(
        int steps, int batch, int features, int[]? lengths, float[]? weights, bool weighsSteps = false)
    {
        var random = new Random(3);

        // The first row counts in any case, so that there is a mean; every fifth does not.
        float[] stepWeights = weighsSteps ? [.. Enumerable.Range(1, steps * batch).Select(i => i % 5 * 0.75f)] : [];
        var output = LossReference.Uniform(random, steps * batch * features);
        foreach (var reduction in new[] { Reduction.Mean, Reduction.Sum })
        {
            foreach (var loss in LossReference.All(random, steps * batch, features, reduction, LossWindow.All))
            {
                Check(loss, (step, length) => step < length);
            }

            foreach (var loss in LossReference.WithUnknown(random, steps * batch, features, reduction, LossWindow.All))
            {
                Check(loss, (step, length) => step < length);
            }

            Check(LossReference.SquaredError(random, steps * batch, features, reduction, LossWindow.Last()),
                (step, length) => step == length - 1);
            Check(
                LossReference.SquaredError(random, steps * batch, features, reduction, LossWindow.Last(2).WithWarmUp(1)),
                (step, length) => step >= 1 && step >= length - 2 && step < length, orNothing: true);
            Check(
                LossReference.SquaredError(random, steps * batch, features, reduction, LossWindow.Of(1, 2)),
                (step, length) => step is 1 or 2 && step < length, orNothing: true);
            Check(
                LossReference.SquaredError(random, steps * batch, features, reduction, LossWindow.After(1)),
                (step, length) => step >= 1 && step < length, orNothing: true);
        }

        LossShape Shape() => new(steps, batch, features, lengths) { SampleWeights = weights, StepWeights = stepWeights };

        void Check(LossReference loss, Func<int, int, bool> counts, bool orNothing = false)
        {
            (int Row, double Weight)[] rows = [.. Enumerable.Range(0, steps * batch)
                .Where(row => counts(row / batch, lengths?[row % batch] ?? steps))
                .Select(row => (row, (double)(weights?[row % batch] ?? 1) * (weighsSteps ? stepWeights[row] : 1)))];
            if (orNothing && rows.Length == 0)
            {
                return;
            }

            var gradient = new float[output.Length];
            gradient.AsSpan().Fill(float.NaN);
            var value = loss.Compute(output, gradient, Shape());
            double[] wide = [.. output.Select(v => (double)v)];
            var exact = loss.Total(wide, rows);
            Assert.Equal(exact, value, 1e-6 * (1 + Math.Abs(exact)));

            // Without a gradient the loss is the same to the bit.
            Assert.Equal(value, loss.Compute(output, [], Shape()));

            const double Step = 1e-4;
            for (var i = 0; i < output.Length; i += 1 + (output.Length / 97))
            {
                var saved = wide[i];
                wide[i] = saved + Step;
                var above = loss.Total(wide, rows);
                wide[i] = saved - Step;
                var below = loss.Total(wide, rows);
                wide[i] = saved;
                var slope = (above - below) / (2 * Step);
                Assert.Equal(slope, gradient[i], 1e-7 + (1e-6 * Math.Abs(slope)));
            }

            // Where a row does not count the gradient is 0 and not nearly.
            for (var row = 0; row < steps * batch; row++)
            {
                Assert.True(
                    rows.Any(r => r.Row == row && r.Weight > 0) || gradient[(row * features)..((row + 1) * features)].All(g => g == 0));
            }
        }
    }

    [Fact]
    public void Unknown_targets_and_steps_of_weight_0_are_in_no_mean()
    {
        // Errors 1, unknown, 3, -; the last step's weight is 0, the third's 2: (1 + 2 9) / (1 + 2).
        var loss = new MeanSquaredErrorLoss { IgnoreNaN = true };
        var gradient = new float[4];
        float[] target = [0, float.NaN, 0, 5];
        var shape = new LossShape(4, 1, 1) { StepWeights = [1f, 1, 2, 0] };
        Assert.Equal(19f / 3, loss.Compute([1, 2, 3, float.NaN], target, gradient, shape), 1e-6f);
        AssertClose([2f / 3, 0, 12f / 3, 0], gradient, 1e-6);
        Assert.Throws<ArgumentException>("shape", () => loss.Compute([1f], [float.NaN], [], new LossShape(1, 1)));
        Assert.True(float.IsNaN(Loss.MeanSquaredError.Compute([1f], [float.NaN], [], new LossShape(1, 1))));
    }

    [Fact]
    public void A_batch_in_parts_has_the_gradient_of_the_whole()
    {
        var random = new Random(5);
        var (output, classes) = (LossReference.Uniform(random, 4 * 3), new[] { 0, 1, 2, 1 });
        var loss = new CrossEntropyLoss { ClassWeights = [1, 2, 4] };
        var whole = new float[12];
        var value = loss.Compute(output, classes, whole, new LossShape(4, 3));

        var divisor = loss.Divisor(new LossTargets(classes.AsSpan(0, 1)), new LossShape(1, 3))
            + loss.Divisor(new LossTargets(classes.AsSpan(1, 3)), new LossShape(3, 3));
        var parts = new float[12];
        var sum = loss.Sum(output.AsSpan(0, 3), new LossTargets(classes.AsSpan(0, 1)), parts.AsSpan(0, 3), new LossShape(1, 3), divisor)
            + loss.Sum(output.AsSpan(3), new LossTargets(classes.AsSpan(1, 3)), parts.AsSpan(3), new LossShape(3, 3), divisor);
        Assert.Equal(1 + 2 + 4 + 2, divisor);
        Assert.Equal(value, sum / divisor, 1e-6);
        AssertClose(whole, parts, 1e-7);
    }

    [Fact]
    public void Binary_cross_entropy_neither_overflows_nor_loses_small_losses()
    {
        var loss = Loss.BinaryCrossEntropy;
        var gradient = new float[2];
        Assert.Equal(1000, loss.Compute([2000f, -2000f], [0f, 0f], gradient, new LossShape(1, 2)));
        AssertClose([0.5f, 0], gradient, 0);
        foreach (var y in new[] { 10f, 16f, 20f, 40f, 80f })
        {
            var small = Math.Exp(-y) / (1 + (Math.Exp(-y) / 2));
            Assert.Equal(small, loss.Compute([y], [1f], gradient.AsSpan(0, 1), new LossShape(1, 1)), 1e-6 * small);
            Assert.Equal(-Math.Exp(-y) / (1 + Math.Exp(-y)), gradient[0], 1e-6 * small);
            Assert.Equal(small, loss.Compute([-y], [0f], gradient.AsSpan(0, 1), new LossShape(1, 1)), 1e-6 * small);
            Assert.Equal(Math.Exp(-y) / (1 + Math.Exp(-y)), gradient[0], 1e-6 * small);
        }
    }

    [Fact]
    public void Kinks_have_no_slope()
    {
        var gradient = new float[3];
        Loss.MeanAbsoluteError.Compute([1f, 2, 3], [1f, 1, 4], gradient, new LossShape(3, 1));
        AssertClose([0, 1f / 3, -1f / 3], gradient, 1e-7);
        new QuantileLoss(0.9f).Compute([1f, 2, 3], [1f, 1, 4], gradient, new LossShape(3, 1));
        AssertClose([0, 0.1f / 3, -0.9f / 3], gradient, 1e-7);
    }

    [Fact]
    public void What_is_padding_is_not_read()
    {
        var gradient = new float[4];
        Loss.MeanSquaredError.Compute([1, float.NaN, 2, float.NaN], [0, float.NaN, 0, float.NaN], gradient, new LossShape(2, 2, 1, [2, 0]));
        AssertClose([1, 0, 2, 0], gradient, 0);
        var loss = Loss.CrossEntropy.Compute([1, float.NaN, 2, float.NaN], [0, -100, 0, 9], gradient, new LossShape(2, 2, 1, [2, 0]));
        Assert.Equal(0, loss);
    }

    [Fact]
    public void A_number_that_is_not_one_shows()
    {
        Assert.True(float.IsNaN(Loss.MeanSquaredError.Compute([1, float.NaN], [0f, 0f], [], new LossShape(1, 2))));
        Assert.True(float.IsNaN(Loss.CrossEntropy.Compute([1, float.NaN], [0], [], new LossShape(1, 2))));
        Assert.True(float.IsNaN(Loss.CrossEntropy.Compute([1, float.PositiveInfinity], [0], [], new LossShape(1, 2))));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_class_out_of_range_is_named_and_nothing_is_written(int id)
    {
        var gradient = new float[12];
        var error = Assert.Throws<ArgumentException>(() =>
            Loss.CrossEntropy.Compute(new float[12], [0, 1, 2, id], gradient, new LossShape(2, 2, 3)));
        Assert.Contains($"Class id {id} at step 1 of sample 1 is not from 0 to 2", error.Message, StringComparison.Ordinal);
        Assert.All(gradient, g => Assert.Equal(0, g));
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        var mse = Loss.MeanSquaredError;
        Assert.Throws<ArgumentException>("output", () => mse.Compute(new float[5], new float[6], [], new LossShape(2, 3)));
        Assert.Throws<ArgumentException>("target", () => mse.Compute(new float[6], new float[5], [], new LossShape(2, 3)));
        Assert.Throws<ArgumentException>("gradient", () => mse.Compute(new float[6], new float[6], new float[5], new LossShape(2, 3)));
        Assert.Throws<ArgumentException>("target", () => Loss.CrossEntropy.Compute(new float[6], new int[6], [], new LossShape(2, 3)));
        Assert.Throws<ArgumentException>("shape", () => mse.Compute(new float[6], new float[6], [], new LossShape(1, 2, 3, [0, 0])));
        Assert.Throws<ArgumentException>("lengths", () => new LossShape(2, 2, 3, [1]).Rows);
        Assert.Throws<ArgumentException>("lengths", () => new LossShape(2, 2, 3, [1, 3]).Rows);
        Assert.Throws<ArgumentException>("lengths", () => new LossShape(2, 2, 3, [1, -1]).Rows);
        Assert.Throws<ArgumentOutOfRangeException>("batch", () => new LossShape(0, 3).Rows);
        Assert.Throws<ArgumentException>(() => new LossShape(1 << 20, 1 << 20, 1).Rows);
        Assert.Throws<NotSupportedException>(() => mse.Compute(new float[6], new int[2], [], new LossShape(2, 3)));
        Assert.Throws<NotSupportedException>(() => Loss.CrossEntropy.Compute(new float[6], new float[6], [], new LossShape(2, 3)));
    }

    [Fact]
    public void Options_and_targets_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("Delta", () => new HuberLoss { Delta = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("Reduction", () => new HuberLoss { Reduction = (Reduction)2 });
        Assert.Throws<ArgumentException>("quantiles", () => new QuantileLoss());
        Assert.Throws<ArgumentOutOfRangeException>("quantiles", () => new QuantileLoss(0.5f, 1));
        Assert.Throws<ArgumentException>("PositiveWeights", () => new BinaryCrossEntropyLoss { PositiveWeights = [] });
        Assert.Throws<ArgumentException>("PositiveWeights", () => new BinaryCrossEntropyLoss { PositiveWeights = [-1] });
        Assert.Throws<ArgumentException>("ClassWeights", () => new CrossEntropyLoss { ClassWeights = [1, float.NaN] });
        Assert.Throws<ArgumentOutOfRangeException>("LabelSmoothing", () => new CrossEntropyLoss { LabelSmoothing = 1.5f });
        Assert.Throws<ArgumentOutOfRangeException>("count", () => LossWindow.Last(0));
        Assert.Throws<ArgumentOutOfRangeException>("warmUp", () => LossWindow.After(-1));
        Assert.Throws<ArgumentOutOfRangeException>("warmUp", () => LossWindow.Of(0, 3).WithWarmUp(3));
        Assert.Throws<ArgumentOutOfRangeException>("first", () => LossWindow.Of(-1, 1));

        AssertRefused("shape", "4 output features are not a multiple of the 3 quantiles", () =>
            new QuantileLoss(0.1f, 0.5f, 0.9f).Compute(new float[4], new float[1], [], new LossShape(1, 4)));
        AssertRefused("shape", "2 class weights, but there are 4", () =>
            new CrossEntropyLoss { ClassWeights = [1, 2] }.Compute(new float[4], new int[1], [], new LossShape(1, 4)));
        AssertRefused("shape", "3 positive weights, but there are 4", () =>
            new BinaryCrossEntropyLoss { PositiveWeights = [1, 2, 3] }.Compute(new float[4], new float[4], [], new LossShape(1, 4)));
        AssertRefused("target", "Target 1.5 of feature 1 at step 1 of sample 0 is not from 0 to 1", () =>
            Loss.BinaryCrossEntropy.Compute(new float[4], [0f, 1, 0, 1.5f], [], new LossShape(2, 1, 2)));
        AssertRefused("shape", "Nothing counts", () =>
            new CrossEntropyLoss { IgnoreIndex = 7 }.Compute(new float[4], [7, 7], [], new LossShape(2, 2)));
        AssertRefused("shape", "Nothing counts", () =>
            new HuberLoss { Window = LossWindow.After(2) }.Compute(new float[4], new float[4], [], new LossShape(2, 2, 1)));
        AssertRefused("SampleWeights", "Expected 2 weights", () => _ = new LossShape(2, 1) { SampleWeights = [1f] }.Rows);
        AssertRefused("StepWeights", "Expected 6 weights", () => _ = new LossShape(3, 2, 1) { StepWeights = [1f] }.Rows);
        AssertRefused("StepWeights", "Weight NaN of step 1 of sample 0", () => _ = new LossShape(2, 2, 1)
        {
            StepWeights = [1f, 1, float.NaN, 1],
        }.Rows);
        AssertRefused("shape", "CtcLoss does not weigh single steps", () =>
            Loss.Ctc.Compute(new float[4], [1], [1], [], new LossShape(2, 1, 2) { StepWeights = [1f, 1] }));
        AssertRefused("SampleWeights", "Weight -1 of sample 1", () => _ = new LossShape(2, 1) { SampleWeights = [1f, -1] }.Rows);

        static void AssertRefused(string argument, string message, Action action) =>
            Assert.Contains(message, Assert.Throws<ArgumentException>(argument, action).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Losses_allocate_nothing()
    {
        var random = new Random(1);
        int[] lengths = [6, 3, 10, 1, 0, 10];
        float[] weights = [1, 2, 1, 0, 3, 1];
        var (output, gradient) = (LossReference.Uniform(random, 600), new float[600]);
        float[] stepWeights = [.. Enumerable.Range(0, 60).Select(i => i % 3 * 0.5f)];
        LossReference[] losses =
        [
            .. LossReference.All(random, 60, 10, Reduction.Mean, LossWindow.After(1)),
            .. LossReference.WithUnknown(random, 60, 10, Reduction.Mean, LossWindow.After(1)),
        ];
        Allocation.AssertNone(() =>
        {
            foreach (var loss in losses)
            {
                loss.Compute(output, gradient, new LossShape(10, 6, 10, lengths) { SampleWeights = weights });
                loss.Compute(output, [], new LossShape(10, 6, 10) { StepWeights = stepWeights });
            }
        });
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance);
        }
    }
}
