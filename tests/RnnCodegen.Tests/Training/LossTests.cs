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

        Assert.Equal(0, Loss.CrossEntropy.Compute([0f, float.NegativeInfinity], [0], gradient, new LossShape(1, 2)), 0f);
        AssertClose([0, 0], gradient, 0);
    }

    [Theory]
    [InlineData(1, 1, 1, null)]
    [InlineData(1, 5, 3, null)]
    [InlineData(4, 3, 17, null)]
    [InlineData(5, 4, 3, new[] { 5, 2, 0, 3 })]
    [InlineData(2, 2, 1100, new[] { 1, 2 })]
    public void Gradients_are_the_finite_differences_of_the_loss(int steps, int batch, int features, int[]? lengths)
    {
        var random = new Random(3);
        var rows = steps * batch;
        var output = Values(random, rows * features);
        var targets = Values(random, rows * features);
        int[] classes = [.. Enumerable.Range(0, rows).Select(_ => random.Next(features))];
        Check((y, g) => Loss.MeanSquaredError.Compute(y, targets, g, Shape()), y => Reference.MeanSquaredError(y, targets, features, IsValid));
        Check((y, g) => Loss.CrossEntropy.Compute(y, classes, g, Shape()), y => Reference.CrossEntropy(y, classes, features, IsValid));

        LossShape Shape() => new(steps, batch, features, lengths);
        bool IsValid(int row) => lengths is null || row / batch < lengths[row % batch];

        void Check(Func<float[], float[], float> compute, Func<double[], double> reference)
        {
            var gradient = new float[output.Length];
            gradient.AsSpan().Fill(float.NaN);
            var loss = compute(output, gradient);
            double[] wide = [.. output.Select(v => (double)v)];
            Assert.Equal(reference(wide), loss, 1e-6 * (1 + Math.Abs(loss)));

            // Without a gradient the loss is the same to the bit.
            Assert.Equal(loss, compute(output, []));

            const double Step = 1e-4;
            for (var i = 0; i < output.Length; i += 1 + (output.Length / 97))
            {
                var saved = wide[i];
                wide[i] = saved + Step;
                var above = reference(wide);
                wide[i] = saved - Step;
                var below = reference(wide);
                wide[i] = saved;
                Assert.Equal((above - below) / (2 * Step), gradient[i], 1e-7 + (1e-6 * Math.Abs(gradient[i])));
            }
        }
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
    public void Losses_allocate_nothing()
    {
        var random = new Random(1);
        var (output, target, gradient) = (Values(random, 600), Values(random, 600), new float[600]);
        var classes = new int[60];
        int[] lengths = [6, 3, 10, 1, 0, 10];
        Allocation.AssertNone(() =>
        {
            Loss.MeanSquaredError.Compute(output, target, gradient, new LossShape(10, 6, 10, lengths));
            Loss.MeanSquaredError.Compute(output, target, [], new LossShape(10, 6, 10));
            Loss.CrossEntropy.Compute(output, classes, gradient, new LossShape(10, 6, 10, lengths));
            Loss.CrossEntropy.Compute(output, classes, [], new LossShape(10, 6, 10));
        });
    }

    private static float[] Values(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 6) - 3))];

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance);
        }
    }

    /// <summary>The definitions in double precision.</summary>
    private static class Reference
    {
        public static double MeanSquaredError(double[] y, float[] target, int features, Func<int, bool> isValid) =>
            ValidRows(y.Length / features, isValid).Average(row =>
                Enumerable.Range(row * features, features).Average(i => (y[i] - target[i]) * (y[i] - target[i])));

        public static double CrossEntropy(double[] y, int[] classes, int features, Func<int, bool> isValid) =>
            ValidRows(y.Length / features, isValid).Average(row =>
                Math.Log(Enumerable.Range(row * features, features).Sum(i => Math.Exp(y[i]))) - y[(row * features) + classes[row]]);

        private static IEnumerable<int> ValidRows(int rows, Func<int, bool> isValid) => Enumerable.Range(0, rows).Where(isValid);
    }
}
