using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Training;

public sealed class OptimizerTests
{
    private const int Steps = 50;

    public static TheoryData<int> Sizes => [1, 7, 16, 33, 1003];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Sgd_is_pytorchs(int size)
    {
        AssertFollows(size, () => new Sgd(0.01), SgdReference(0.01, 0, 0));
        AssertFollows(size, () => new Sgd(0.01, weightDecay: 0.1), SgdReference(0.01, 0, 0.1));
        AssertFollows(size, () => new Sgd(0.01, momentum: 0.9), SgdReference(0.01, 0.9, 0));
        AssertFollows(size, () => new Sgd(0.01, momentum: 0.8, weightDecay: 0.1), SgdReference(0.01, 0.8, 0.1));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void AdamW_is_pytorchs(int size)
    {
        AssertFollows(size, () => new AdamW(1e-3), AdamWReference(1e-3, 0.9, 0.999, 1e-8, 0.01));
        AssertFollows(size, () => new AdamW(0.01, 0.8, 0.95, 1e-3, 0.2), AdamWReference(0.01, 0.8, 0.95, 1e-3, 0.2));
        AssertFollows(size, () => new AdamW(0.01, 0, 0, 1e-2, 0), AdamWReference(0.01, 0, 0, 1e-2, 0));
    }

    [Fact]
    public void AdamWs_first_step_is_the_learning_rate_by_hand()
    {
        // m / (1 - beta1) = g and sqrt(v / (1 - beta2)) = |g|, so the step is rate sign(g), after the decay of 1 - rate * decay.
        var (parameters, gradients) = (Set(2), Set(2));
        parameters.Edit().Fill(1);
        gradients.Edit()[0] = 3;
        gradients.Edit()[1] = -0.5f;
        new AdamW(0.1, weightDecay: 0.5).Step(parameters, gradients);
        Assert.Equal(0.95 - 0.1, parameters.Values[0], 1e-6);
        Assert.Equal(0.95 + 0.1, parameters.Values[1], 1e-6);
    }

    [Fact]
    public void A_step_changes_the_parameters_version_and_not_the_gradients()
    {
        var (parameters, gradients) = (Set(3), Set(3));
        gradients.Edit().Fill(1);
        var (parameterVersion, gradientVersion) = (parameters.Version, gradients.Version);
        new Sgd(1).Step(parameters, gradients);
        Assert.NotEqual(parameterVersion, parameters.Version);
        Assert.Equal(gradientVersion, gradients.Version);
        Assert.Equal([1f, 1f, 1f], gradients.Values.ToArray());
    }

    [Fact]
    public void The_learning_rate_can_change_between_steps()
    {
        var (parameters, gradients) = (Set(1), Set(1));
        gradients.Edit()[0] = 1;
        var sgd = new Sgd(1);
        sgd.Step(parameters, gradients);
        sgd.LearningRate = 0.25;
        sgd.Step(parameters, gradients);
        Assert.Equal(-1.25f, parameters.Values[0]);
        Assert.Equal(2, sgd.StepCount);
    }

    [Fact]
    public void Another_models_gradients_or_parameters_are_refused()
    {
        var optimizer = new AdamW(1e-3);
        Assert.Throws<ArgumentException>("gradients", () => optimizer.Step(Set(3), Set(4)));
        optimizer.Step(Set(3), Set(3));
        Assert.Throws<ArgumentException>("parameters", () => optimizer.Step(Set(3), Set(3)));
        Assert.Equal(1, optimizer.StepCount);
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("LearningRate", () => new Sgd(-1));
        Assert.Throws<ArgumentOutOfRangeException>("LearningRate", () => new AdamW(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>("LearningRate", () => new Sgd(1).LearningRate = double.PositiveInfinity);
        Assert.Throws<ArgumentOutOfRangeException>("momentum", () => new Sgd(1, momentum: 1));
        Assert.Throws<ArgumentOutOfRangeException>("weightDecay", () => new Sgd(1, weightDecay: -1));
        Assert.Throws<ArgumentOutOfRangeException>("beta1", () => new AdamW(1, beta1: 1));
        Assert.Throws<ArgumentOutOfRangeException>("beta2", () => new AdamW(1, beta2: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>("epsilon", () => new AdamW(1, epsilon: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>("weightDecay", () => new AdamW(1, weightDecay: -1));
        Assert.Throws<ArgumentOutOfRangeException>("maxNorm", () => GradientClipping.ByGlobalNorm(Set(1), float.NaN));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Clipping_scales_to_the_norm_as_pytorch_does(int size)
    {
        var gradients = Set(size);
        Fill(gradients.Edit(), new Random(size));
        var before = gradients.Values.ToArray();
        var norm = Math.Sqrt(before.Sum(g => (double)g * g));

        Assert.Equal(norm, GradientClipping.ByGlobalNorm(gradients, (float)norm * 2), 1e-7 * norm);
        Assert.Equal(norm, GradientClipping.ByGlobalNorm(gradients, float.PositiveInfinity), 1e-7 * norm);
        Assert.Equal(before, gradients.Values.ToArray());

        Assert.Equal(norm, GradientClipping.ByGlobalNorm(gradients, (float)(norm / 4)), 1e-7 * norm);
        var scale = (float)(norm / 4) / (norm + 1e-6);
        for (var i = 0; i < size; i++)
        {
            Assert.Equal(before[i] * scale, gradients.Values[i], 1e-6 * Math.Abs(before[i]));
        }
    }

    [Fact]
    public void Clipping_sums_without_losing_small_gradients_and_leaves_what_is_not_finite()
    {
        var gradients = Set(1_000_001);
        gradients.Edit().Fill(1e-3f);
        gradients.Edit()[0] = 1e4f;
        Assert.Equal(Math.Sqrt(1e8 + 1), GradientClipping.ByGlobalNorm(gradients, float.PositiveInfinity), 1e-3);

        var infinite = Set(2);
        infinite.Edit()[0] = float.PositiveInfinity;
        infinite.Edit()[1] = 1;
        Assert.Equal(float.PositiveInfinity, GradientClipping.ByGlobalNorm(infinite, 1));
        Assert.Equal(1, infinite.Values[1]);
    }

    [Fact]
    public void Steps_and_clipping_allocate_nothing()
    {
        var (parameters, gradients) = (Set(1003), Set(1003));
        gradients.Edit().Fill(1);
        Optimizer[] optimizers = [new Sgd(0.1), new Sgd(0.1, 0.9), new AdamW(0.1)];
        Allocation.AssertNone(() =>
        {
            foreach (var optimizer in optimizers)
            {
                GradientClipping.ByGlobalNorm(gradients, 1);
                optimizer.Step(parameters, gradients);
            }
        });
    }

    /// <summary>Fifty steps with the same random gradients, here and in double precision.</summary>
    private static void AssertFollows(int size, Func<Optimizer> create, Func<int, Action<double[], float[], int>> reference)
    {
        var random = new Random(size);
        var (parameters, gradients) = (Set(size), Set(size));
        Fill(parameters.Edit(), random);
        double[] expected = [.. parameters.Values.ToArray().Select(v => (double)v)];
        var (optimizer, step) = (create(), reference(size));
        for (var t = 1; t <= Steps; t++)
        {
            Fill(gradients.Edit(), random);
            optimizer.Step(parameters, gradients);
            step(expected, gradients.Values.ToArray(), t);
        }

        // Relative to the parameters' scale: single ones may pass through 0 on their way.
        for (var i = 0; i < size; i++)
        {
            Assert.Equal(expected[i], parameters.Values[i], 1e-6 * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    /// <summary>The update of PyTorch's documentation of torch.optim.SGD.</summary>
    private static Func<int, Action<double[], float[], int>> SgdReference(double rate, double momentum, double decay) => size =>
    {
        var buffer = new double[size];
        return (p, gradient, t) =>
        {
            for (var i = 0; i < size; i++)
            {
                var g = gradient[i] + (decay * p[i]);
                buffer[i] = t > 1 ? (momentum * buffer[i]) + g : g;
                p[i] -= rate * (momentum != 0 ? buffer[i] : g);
            }
        };
    };

    /// <summary>The update of PyTorch's documentation of torch.optim.AdamW.</summary>
    private static Func<int, Action<double[], float[], int>> AdamWReference(
        double rate, double beta1, double beta2, double epsilon, double decay) => size =>
    {
        var (m, v) = (new double[size], new double[size]);
        return (p, gradient, t) =>
        {
            for (var i = 0; i < size; i++)
            {
                double g = gradient[i];
                p[i] -= rate * decay * p[i];
                m[i] = (beta1 * m[i]) + ((1 - beta1) * g);
                v[i] = (beta2 * v[i]) + ((1 - beta2) * g * g);
                var mHat = m[i] / (1 - Math.Pow(beta1, t));
                var vHat = v[i] / (1 - Math.Pow(beta2, t));
                p[i] -= rate * mHat / (Math.Sqrt(vHat) + epsilon);
            }
        };
    };

    private static ParameterSet Set(int size) => new(Layouts.Flat(size));

    private static void Fill(Span<float> values, Random random)
    {
        foreach (ref var value in values)
        {
            value = (float)((random.NextDouble() * 4) - 2);
        }
    }
}
