using RnnCodegen.Tests.Parameters;
using System.Globalization;
using Xunit;

namespace RnnCodegen.Tests.Training;

public sealed class OptimizerTests
{
    private static readonly Func<Optimizer>[] All =
    [
        () => new Sgd(0.1), () => new Sgd(0.1, 0.9), () => new Sgd(0.1, 0.9, 0.1), () => new Sgd(0.1, 0.9, dampening: 0.5),
        () => new Sgd(0.1, 0.9, nesterov: true), () => new Adam(0.1), () => new Adam(0.1, epsilon: 1e-4), () => new AdamW(0.1),
        () => new AdamW(0.1, 0.8), () => new RmsProp(0.1), () => new RmsProp(0.1, centered: true), () => new RmsProp(0.1, momentum: 0.5),
        () => new RmsProp(0.1, momentum: 0.5, centered: true), () => new Adagrad(0.1), () => new Adagrad(0.1, 0.5), () => new Lion(0.1),
        () => new Lion(0.1, weightDecay: 0.25),
        () => new Lion(0.1) { Groups = [new ParameterGroup("Head") { LearningRateScale = 0.5 }] },
    ];

    public static TheoryData<int> Indices => [.. Enumerable.Range(0, All.Length)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void State_and_step_count_are_all_that_a_continuation_needs(int index)
    {
        var (parameters, gradients, random) = (FlatParameters.Of(37), FlatParameters.Of(37), new Random(4));
        FlatParameters.Fill(parameters.Edit(), random);
        var optimizer = All[index]();
        for (var t = 0; t < 7; t++)
        {
            Step(optimizer, parameters);
        }

        var copy = FlatParameters.Of(37);
        copy.CopyFrom(parameters);
        var next = All[index]();
        next.Prepare(copy);
        Assert.Equal(optimizer.Slots.Select(slot => slot.Name), next.Slots.Select(slot => slot.Name));
        foreach (var (from, to) in optimizer.Slots.Zip(next.Slots))
        {
            Assert.Equal(37, to.Values.Length);
            from.Values.CopyTo(to.Values, 0);
        }

        next.StepCount = optimizer.StepCount;
        for (var t = 0; t < 5; t++)
        {
            Step(optimizer, parameters);
            next.Step(copy, gradients);
            Assert.Equal(parameters.Values.ToArray(), copy.Values.ToArray());
        }

        void Step(Optimizer with, ParameterSet set)
        {
            FlatParameters.Fill(gradients.Edit(), random);
            with.Step(set, gradients);
        }
    }

    [Fact]
    public void Descriptions_tell_settings_apart_in_any_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        string[] descriptions = [.. All.Select(Describe)];
        Assert.Equal(All.Length, descriptions.Distinct().Count());
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            Assert.Equal(descriptions, All.Select(Describe));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }

        // The learning rate may change while training goes on.
        Assert.Equal(new Sgd(0.1).Describe(), new Sgd(0.2).Describe());

        static string Describe(Func<Optimizer> create)
        {
            var optimizer = create();
            optimizer.Prepare(FlatParameters.Of(3));
            return optimizer.Describe();
        }
    }

    [Fact]
    public void A_step_changes_the_parameters_version_and_not_the_gradients()
    {
        var (parameters, gradients) = (FlatParameters.Of(3), FlatParameters.Of(3));
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
        var (parameters, gradients) = (FlatParameters.Of(1), FlatParameters.Of(1));
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
        Assert.Throws<ArgumentException>("gradients", () => optimizer.Step(FlatParameters.Of(3), FlatParameters.Of(4)));
        optimizer.Step(FlatParameters.Of(3), FlatParameters.Of(3));
        Assert.Throws<ArgumentException>("parameters", () => optimizer.Step(FlatParameters.Of(3), FlatParameters.Of(3)));
        Assert.Equal(1, optimizer.StepCount);
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("LearningRate", () => new Sgd(-1));
        Assert.Throws<ArgumentOutOfRangeException>("LearningRate", () => new AdamW(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>("LearningRate", () => new Sgd(1).LearningRate = double.PositiveInfinity);
        Assert.Throws<ArgumentOutOfRangeException>("LearningRateFactor", () => new Sgd(1).LearningRateFactor = -1);
        Assert.Throws<ArgumentOutOfRangeException>("momentum", () => new Sgd(1, momentum: 1));
        Assert.Throws<ArgumentOutOfRangeException>("weightDecay", () => new Sgd(1, weightDecay: -1));
        Assert.Throws<ArgumentException>("dampening", () => new Sgd(1, dampening: 0.5));
        Assert.Throws<ArgumentException>("nesterov", () => new Sgd(1, nesterov: true));
        Assert.Throws<ArgumentException>("nesterov", () => new Sgd(1, 0.9, dampening: 0.5, nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>("beta1", () => new AdamW(1, beta1: 1));
        Assert.Throws<ArgumentOutOfRangeException>("beta2", () => new Adam(1, beta2: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>("epsilon", () => new AdamW(1, epsilon: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>("weightDecay", () => new AdamW(1, weightDecay: -1));
        Assert.Throws<ArgumentOutOfRangeException>("alpha", () => new RmsProp(1, alpha: 1));
        Assert.Throws<ArgumentOutOfRangeException>("initialSum", () => new Adagrad(1, initialSum: -1));
        Assert.Throws<ArgumentOutOfRangeException>("beta2", () => new Lion(1, beta2: 2));
    }

    [Fact]
    public void Steps_and_clipping_allocate_nothing()
    {
        var (parameters, gradients) = (FlatParameters.Of(1003), FlatParameters.Of(1003));
        gradients.Edit().Fill(1);
        Optimizer[] optimizers = [.. All.Select(create => create())];
        Allocation.AssertNone(() =>
        {
            foreach (var optimizer in optimizers)
            {
                optimizer.ClearFrozen(parameters, gradients);
                GradientClipping.ByValue(gradients, 1);
                GradientClipping.ByGlobalNorm(gradients, 1);
                optimizer.Step(parameters, gradients);
            }
        });
    }
}
