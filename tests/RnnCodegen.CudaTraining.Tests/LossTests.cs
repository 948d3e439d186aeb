using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Losses on the device: the host's sum of the device's outputs, and gradients as of the host's gradient of them.</summary>
public class LossTests
{
    private const double Tolerance = 2e-6;

    /// <summary>Losses by name; those of classes are of so many.</summary>
    private static Dictionary<string, Loss> Of(int features) => new()
    {
        ["squared"] = Loss.MeanSquaredError,
        ["squared, sum"] = new MeanSquaredErrorLoss { Reduction = Reduction.Sum },
        ["squared, unknown targets"] = new MeanSquaredErrorLoss { IgnoreNaN = true },
        ["squared, last steps"] = new MeanSquaredErrorLoss { Window = LossWindow.Last(2) },
        ["absolute, after a warm-up"] = new MeanAbsoluteErrorLoss { Window = LossWindow.After(1) },
        ["Huber, in the middle"] = new HuberLoss { Delta = 0.3f, Window = LossWindow.Of(1, 2) },
        ["quantiles"] = new QuantileLoss(0.1f, 0.9f),
        ["quantiles, unknown targets"] = new QuantileLoss(0.1f, 0.9f) { IgnoreNaN = true },
        ["binary"] = Loss.BinaryCrossEntropy,
        ["binary, weighted"] = new BinaryCrossEntropyLoss { PositiveWeights = [1, 2, 0.5f, 7] },
        ["classes"] = Loss.CrossEntropy,
        ["classes, last step, without their warm-up"] = new CrossEntropyLoss { Window = LossWindow.Last(3).WithWarmUp(1) },
        ["classes, smooth"] = new CrossEntropyLoss { LabelSmoothing = 0.2f },
        ["classes, weighted"] = new CrossEntropyLoss { ClassWeights = Weights(features), LabelSmoothing = 0.1f, IgnoreIndex = 3 },
        ["classes, ignored"] = new CrossEntropyLoss { IgnoreIndex = -100, Reduction = Reduction.Sum },
        ["labels"] = Loss.Ctc,
        ["labels, sum after a warm-up"] = new CtcLoss
        {
            BlankIndex = features - 1, Reduction = Reduction.Sum, Window = LossWindow.After(1), ZeroInfinity = true,
        },
    };

    public static TheoryData<string> Losses() => [.. Of(1).Keys];

    [NvrtcTheory]
    [MemberData(nameof(Losses))]
    public void Sum_and_gradients_are_the_hosts(string name)
    {
        var loss = Of(35)[name];
        using var batch = new DeviceBatch(loss.TargetKind != TargetKind.Values, loss, new Sgd(0.1));
        foreach (var (hasLengths, hasWeights, hasStepWeights, context) in new[]
        {
            (false, false, false, 0), (true, false, false, 0), (true, true, true, 0), (false, true, false, 1), (true, false, true, 1),
        })
        {
            Check(batch, loss, context, hasLengths, hasWeights ? [1, 0, 2.5f] : [], hasStepWeights && loss is not CtcLoss, isEmpty: false);
        }

        Check(batch, loss, 0, true, [0, 0, 0], false, isEmpty: true);
    }

    /// <summary>What the device says of its own loss, whoever else agrees; roundings are for the comparison with the host.</summary>
    [NvrtcTheory]
    [MemberData(nameof(Losses))]
    public void Gradient_is_the_slope_of_the_loss(string name)
    {
        const int Steps = 3, Batch = 2, Features = DeviceLoss.Features;
        const float Distance = 1f / 64;
        var of = Of(Features)[name];
        using var loss = new DeviceLoss(of, Steps, Batch, labels: 2);
        var random = new Random(3);

        // No difference of both is near a place where a loss has a corner.
        float[] output = [.. Enumerable.Range(0, Steps * Batch * Features).Select(_ => 0.05f + (0.1f * random.Next(-10, 10)))];
        float[] values = [.. Enumerable.Range(0, Steps * Batch * of.TargetWidth(Features)).Select(_ => 0.1f * random.Next(0, 10))];
        int[] ids = [1, 0, 2, 3, 3, 0], labels = [1, 1, 2], lengths = [3, 2];
        float[] weights = [2, 0.75f];
        if (of is ElementLoss { IgnoreNaN: true })
        {
            values[2] = float.NaN;
        }

        var largest = 0.0;
        var (gradient, slopes) = (new float[output.Length], new double[output.Length]);
        Compute(gradient);
        for (var i = 0; i < output.Length; i++)
        {
            var saved = output[i];
            output[i] = saved + Distance;
            var (above, right) = (Compute([]), output[i]);
            output[i] = saved - Distance;
            slopes[i] = (above - Compute([])) / ((double)right - output[i]);
            output[i] = saved;
            largest = Math.Max(largest, Math.Abs(slopes[i]));
        }

        Assert.True(largest > 0.01);
        for (var i = 0; i < output.Length; i++)
        {
            Assert.Equal(slopes[i], gradient[i], 2e-4 * largest);
        }

        double Compute(Span<float> slope)
        {
            var targets = of.TargetKind switch
            {
                TargetKind.Values => new LossTargets(values),
                TargetKind.Classes => new LossTargets(ids),
                _ => new LossTargets(labels, [2, 1]),
            };
            return loss.Compute(output, targets, slope, new LossShape(Steps, Batch, Features, lengths) { SampleWeights = weights });
        }
    }

    private static void Check(
        DeviceBatch batch, Loss loss, int context, bool hasLengths, float[] weights, bool hasStepWeights, bool isEmpty)
    {
        var random = new Random(1);
        var rows = (4 - context) * 3;
        float[] stepWeights = hasStepWeights ? [.. Enumerable.Range(0, rows).Select(i => i % 4 == 1 ? 0 : random.NextSingle())] : [];
        var shape = batch.Shape(context, hasLengths, weights, stepWeights);
        int[] ids = [.. Enumerable.Range(0, rows).Select(_ => random.Next(batch.Features))];
        float[] values = [.. Enumerable.Range(0, rows * loss.TargetWidth(batch.Features)).Select(_ => random.NextSingle())];
        if (loss is CrossEntropyLoss { IgnoreIndex: { } ignored })
        {
            (ids[0], ids[4]) = (ignored, ignored);
        }

        if (loss is ElementLoss { IgnoreNaN: true })
        {
            (values[0], values[5]) = (float.NaN, float.NaN);
        }

        int[] labels = [5, 5, 7, 9];
        var targets = loss.TargetKind switch
        {
            TargetKind.Values => new LossTargets(values),
            TargetKind.Classes => new LossTargets(ids),
            _ => new LossTargets(labels, [2, 1, 1]),
        };
        var divisor = loss.Divisor(targets, shape);
        Assert.Equal(isEmpty && loss.Reduction == Reduction.Mean, divisor == 0);
        var actual = new float[batch.Core.Parameters.Count];
        var sum = batch.Train(targets, shape, divisor, actual);

        var counted = batch.Output.AsSpan(context * 3 * batch.Features);
        var gradient = new float[batch.Output.Length];
        var expected = loss.Sum(counted, targets, gradient.AsSpan(context * 3 * batch.Features), shape, divisor);
        Assert.True(Math.Abs(expected - sum) <= Tolerance * Math.Max(1e-3, Math.Abs(expected)), $"{expected:R} is {sum:R}");
        OnDevice.Near(batch.Backward(gradient, hasLengths).Values, actual, 2 * Tolerance);
    }

    private static float[] Weights(int features) => [.. Enumerable.Range(0, features).Select(k => k == 4 ? 0 : 0.25f + (k % 5))];
}
