using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Steps on the device: the host's, to the bit, of the same gradients.</summary>
public class StepTests
{
    private static readonly ParameterGroup[] s_groups =
    [
        new("Head.weight") { LearningRateScale = 0.5 }, new("Head.bias") { Frozen = true },
        new("biases of the cell", info => info.Role is ParameterRole.InputBias or ParameterRole.HiddenBias) { WeightDecay = 0 },
    ];

    private static readonly Dictionary<string, Func<Optimizer>> s_optimizers = new()
    {
        ["Sgd"] = () => new Sgd(0.1),
        ["Sgd, decay"] = () => new Sgd(0.1, weightDecay: 0.01) { Groups = s_groups },
        ["Sgd, momentum"] = () => new Sgd(0.1, momentum: 0.9, dampening: 0.3),
        ["Sgd, Nesterov"] = () => new Sgd(0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1),
        ["Adam"] = () => new Adam(0.01, weightDecay: 0.02),
        ["AdamW"] = () => new AdamW(0.01) { Groups = s_groups },
        ["RmsProp"] = () => new RmsProp(0.01),
        ["RmsProp, momentum"] = () => new RmsProp(0.01, momentum: 0.5, weightDecay: 0.01),
        ["RmsProp, centered"] = () => new RmsProp(0.01, centered: true),
        ["RmsProp, both"] = () => new RmsProp(0.01, momentum: 0.5, centered: true),
        ["Adagrad"] = () => new Adagrad(0.05, rateDecay: 0.1, initialSum: 0.2, weightDecay: 0.01),
        ["Lion"] = () => new Lion(0.001, weightDecay: 0.1) { Groups = s_groups },
    };

    public static TheoryData<string> Optimizers() => [.. s_optimizers.Keys];

    [NvrtcTheory]
    [MemberData(nameof(Optimizers))]
    public void Rule_is_the_hosts_to_the_bit(string name)
    {
        var (host, optimizer) = (s_optimizers[name](), s_optimizers[name]());
        using var batch = new DeviceBatch(false, Loss.MeanSquaredError, optimizer);
        var (parameters, gradients) = (batch.Core.CreateGradients(), batch.Core.CreateGradients());
        parameters.CopyFrom(batch.Core.Parameters);
        for (var step = 0; step < 4; step++)
        {
            host.LearningRateFactor = optimizer.LearningRateFactor = 1 - (0.1 * step);
            Train(batch, gradients);
            host.ClearFrozen(parameters, gradients);
            GradientClipping.ByValue(gradients, 0.02f);
            host.Step(parameters, gradients);
            var (norm, isFinite) = batch.Training.Step(0, float.PositiveInfinity, 0.02f);
            Assert.True(norm > 0 && isFinite);

            // The state is read after some of the steps only, so that others follow each other on the device.
            if (step != 1)
            {
                Assert.Equal(parameters.Values, batch.Core.Parameters.Values);
            }
        }

        Assert.Equal(host.StepCount, optimizer.StepCount);
        Assert.Equal(host.Slots.Select(slot => slot.Name), optimizer.Slots.Select(slot => slot.Name));
        Assert.All(host.Slots.Zip(optimizer.Slots), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
    }

    [NvrtcFact]
    public void Norm_is_clipped_as_on_the_host()
    {
        var (host, optimizer) = (new Sgd(0.5), new Sgd(0.5));
        using var batch = new DeviceBatch(false, Loss.MeanSquaredError, optimizer);
        var (parameters, gradients) = (batch.Core.CreateGradients(), batch.Core.CreateGradients());
        parameters.CopyFrom(batch.Core.Parameters);
        Train(batch, gradients);
        var norm = GradientClipping.ByGlobalNorm(gradients, 0.01f);
        host.Step(parameters, gradients);
        Assert.Equal(norm, batch.Training.Step(0, 0.01f, float.PositiveInfinity).Norm, 1e-6f * norm);
        OnDevice.Near(parameters.Values, batch.Core.Parameters.Values, 1e-7);
        Assert.True(norm > 0.01f);
    }

    [NvrtcFact]
    public void Batches_are_added_up_as_on_the_host()
    {
        var (host, optimizer) = (new Sgd(0.5), new Sgd(0.5));
        using var batch = new DeviceBatch(false, Loss.MeanSquaredError, optimizer, addsUp: true);
        var (parameters, gradients) = (batch.Core.CreateGradients(), batch.Core.CreateGradients());
        parameters.CopyFrom(batch.Core.Parameters);
        for (var step = 0; step < 3; step++)
        {
            var sum = new GradientSum(parameters.Count);
            batch.Training.ClearSums();
            for (var n = 0; n < 3; n++)
            {
                Train(batch, gradients, scale: n + 1);
                sum.Add(gradients.Values);
                Assert.True(batch.Training.AddToSums());
            }

            sum.DivideInto(gradients.Edit(), 7);
            host.Step(parameters, gradients);
            batch.Training.Step(7, float.PositiveInfinity, float.PositiveInfinity);
        }

        Assert.Equal(parameters.Values, batch.Core.Parameters.Values);
    }

    [NvrtcFact]
    public void Gradient_that_is_not_finite_changes_nothing()
    {
        var optimizer = new Adam(0.1);
        using var batch = new DeviceBatch(false, Loss.MeanSquaredError, optimizer, addsUp: true);
        var before = batch.Core.Parameters.Values.ToArray();
        Train(batch, batch.Core.CreateGradients(), scale: 1e38f);
        Assert.False(batch.Training.AddToSums());
        Assert.False(float.IsFinite(batch.Training.Step(0, 1, 1).Norm));
        Assert.Equal(0, optimizer.StepCount);
        Assert.Equal(before, batch.Core.Parameters.Values);
    }

    private static void Train(DeviceBatch batch, ParameterSet gradients, float scale = 1)
    {
        float[] targets = [.. Enumerable.Range(0, 4 * 3 * 4).Select(i => scale * (i % 5))];
        var shape = batch.Shape(0, true, [], []);
        batch.Train(new LossTargets(targets), shape, scale >= 1e38f ? 1e-38 : 5, gradients.Edit());
    }
}
