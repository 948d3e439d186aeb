using RnnCodegen.Reference;
using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>Each optimizer beside the published rule in double precision, step by step.</summary>
public sealed class UpdateRuleTests
{
    // Parameters, steps, and what single precision may lose in them.
    public static TheoryData<int, int, double> Sizes => new()
    {
        { 1, 50, 1e-6 }, { 7, 50, 1e-6 }, { 16, 50, 1e-6 }, { 33, 50, 1e-6 }, { 1003, 50, 1e-6 }, { 33, 1000, 1e-5 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Sgd_is_pytorchs(int size, int steps, double tolerance)
    {
        Follow(new Sgd(0.01), OptimizerReference.Sgd(0.01));
        Follow(new Sgd(0.01, weightDecay: 0.1), OptimizerReference.Sgd(0.01, decay: 0.1));
        Follow(new Sgd(0.01, momentum: 0.9), OptimizerReference.Sgd(0.01, 0.9));
        Follow(new Sgd(0.01, 0.8, 0.1), OptimizerReference.Sgd(0.01, 0.8, 0.1));
        Follow(new Sgd(0.01, 0.8, 0.1, dampening: 0.3), OptimizerReference.Sgd(0.01, 0.8, 0.1, 0.3));
        Follow(new Sgd(0.01, 0.8, 0.1, nesterov: true), OptimizerReference.Sgd(0.01, 0.8, 0.1, 0, true));

        void Follow(Optimizer optimizer, Func<int, Action<double[], float[], int>> reference) =>
            AssertFollows(size, steps, tolerance, optimizer, reference);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Adam_and_AdamW_are_pytorchs(int size, int steps, double tolerance)
    {
        Follow(new AdamW(1e-3), OptimizerReference.Adam(1e-3, 0.9, 0.999, 1e-8, 0.01, true));
        Follow(new AdamW(0.01, 0.8, 0.95, 1e-3, 0.2), OptimizerReference.Adam(0.01, 0.8, 0.95, 1e-3, 0.2, true));
        Follow(new AdamW(0.01, 0, 0, 1e-2, 0), OptimizerReference.Adam(0.01, 0, 0, 1e-2, 0, true));
        Follow(new Adam(1e-3), OptimizerReference.Adam(1e-3, 0.9, 0.999, 1e-8, 0, false));
        Follow(new Adam(0.01, 0.8, 0.95, 1e-3, 0.2), OptimizerReference.Adam(0.01, 0.8, 0.95, 1e-3, 0.2, false));

        void Follow(Optimizer optimizer, Func<int, Action<double[], float[], int>> reference) =>
            AssertFollows(size, steps, tolerance, optimizer, reference);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RmsProp_is_pytorchs(int size, int steps, double tolerance)
    {
        Follow(new RmsProp(1e-3), OptimizerReference.RmsProp(1e-3, 0.99, 1e-8, 0, false, 0));
        Follow(new RmsProp(1e-3, 0.9, 1e-3, 0.7, false, 0.1), OptimizerReference.RmsProp(1e-3, 0.9, 1e-3, 0.7, false, 0.1));
        Follow(new RmsProp(1e-3, centered: true), OptimizerReference.RmsProp(1e-3, 0.99, 1e-8, 0, true, 0));
        Follow(new RmsProp(1e-3, 0.9, 1e-3, 0.7, true, 0.1), OptimizerReference.RmsProp(1e-3, 0.9, 1e-3, 0.7, true, 0.1));

        void Follow(Optimizer optimizer, Func<int, Action<double[], float[], int>> reference) =>
            AssertFollows(size, steps, tolerance, optimizer, reference);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Adagrad_is_pytorchs(int size, int steps, double tolerance)
    {
        Follow(new Adagrad(0.01), OptimizerReference.Adagrad(0.01, 0, 0, 1e-10, 0));
        Follow(new Adagrad(0.01, 0.1, 0.5, 1e-3, 0.1), OptimizerReference.Adagrad(0.01, 0.1, 0.5, 1e-3, 0.1));

        void Follow(Optimizer optimizer, Func<int, Action<double[], float[], int>> reference) =>
            AssertFollows(size, steps, tolerance, optimizer, reference);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Lion_is_the_papers(int size, int steps, double tolerance)
    {
        Follow(new Lion(1e-3), OptimizerReference.Lion(1e-3, 0.9, 0.99, 0));
        Follow(new Lion(1e-3, 0.8, 0.95, 0.5), OptimizerReference.Lion(1e-3, 0.8, 0.95, 0.5));

        // Steps of equal size round the same way each time.
        void Follow(Optimizer optimizer, Func<int, Action<double[], float[], int>> reference) =>
            AssertFollows(size, steps, 3 * tolerance, optimizer, reference);
    }

    [Fact]
    public void AdamWs_first_step_is_the_learning_rate_by_hand()
    {
        // m / (1 - beta1) = g and sqrt(v / (1 - beta2)) = |g|, so the step is rate sign(g), after the decay of 1 - rate * decay.
        var (parameters, gradients) = (FlatParameters.Of(2), FlatParameters.Of(2));
        parameters.Edit().Fill(1);
        gradients.Edit()[0] = 3;
        gradients.Edit()[1] = -0.5f;
        new AdamW(0.1, weightDecay: 0.5).Step(parameters, gradients);
        Assert.Equal(0.95 - 0.1, parameters.Values[0], 1e-6);
        Assert.Equal(0.95 + 0.1, parameters.Values[1], 1e-6);
    }

    [Fact]
    public void Lions_step_is_the_sign_and_0_without_a_gradient()
    {
        var (parameters, gradients) = (FlatParameters.Of(4), FlatParameters.Of(4));
        new[] { 3f, -1e-6f, 0, float.NaN }.CopyTo(gradients.Edit());
        new Lion(0.25).Step(parameters, gradients);
        Assert.Equal([-0.25f, 0.25f, 0, float.NaN], parameters.Values.ToArray());
    }

    [Fact]
    public void Centered_rmsprop_of_a_constant_gradient_stays_finite()
    {
        // The variance is 0 and rounding makes it negative now and then; in exact arithmetic the step is bounded by 1 / epsilon.
        var (parameters, gradients) = (FlatParameters.Of(100), FlatParameters.Of(100));
        FlatParameters.Fill(gradients.Edit(), new Random(3));
        var optimizer = new RmsProp(1e-3, alpha: 0.5, epsilon: 1e-3, centered: true);
        for (var t = 0; t < 200; t++)
        {
            optimizer.Step(parameters, gradients);
            Assert.All(parameters.Values.ToArray(), p => Assert.True(float.IsFinite(p)));
        }
    }

    /// <summary>Steps with the same random gradients, here and in double precision.</summary>
    private static void AssertFollows(
        int size, int steps, double tolerance, Optimizer optimizer, Func<int, Action<double[], float[], int>> reference)
    {
        var random = new Random(size);
        var (parameters, gradients) = (FlatParameters.Of(size), FlatParameters.Of(size));
        FlatParameters.Fill(parameters.Edit(), random);
        double[] expected = [.. parameters.Values.ToArray().Select(v => (double)v)];
        var step = reference(size);
        for (var t = 1; t <= steps; t++)
        {
            FlatParameters.Fill(gradients.Edit(), random);
            optimizer.Step(parameters, gradients);
            step(expected, gradients.Values.ToArray(), t);

            // Relative to the parameters' scale: single ones may pass through 0 on their way.
            for (var i = 0; i < size; i++)
            {
                Assert.Equal(expected[i], parameters.Values[i], tolerance * Math.Max(1, Math.Abs(expected[i])));
            }
        }
    }
}
