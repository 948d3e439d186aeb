using RnnCodegen.CudaEngine.Tests;
using RnnCodegen.PtxMachine;
using RnnCodegen.Reference;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Connectionist temporal classification on the device, against its definition and the host.</summary>
public class CtcTests
{
    [NvrtcTheory]
    [InlineData(1, 0, new int[0])]
    [InlineData(1, 0, new[] { 1 })]
    [InlineData(4, 0, new int[0])]
    [InlineData(4, 0, new[] { 1, 2 })]
    [InlineData(5, 0, new[] { 1, 1, 3 })]
    [InlineData(5, 1, new[] { 0, 2, 0 })]
    [InlineData(5, 3, new[] { 0, 0, 0 })]
    [InlineData(5, 2, new[] { 0, 1, 3, 0, 1 })]
    public void Loss_and_gradient_are_those_of_all_alignments(int steps, int blank, int[] labels)
    {
        var output = Outputs(steps, 7);
        var gradient = new float[output.Length];
        using var loss = new DeviceLoss(new CtcLoss { BlankIndex = blank, Reduction = Reduction.Sum }, steps, 1, labels.Length);
        var value = loss.Compute(output, new LossTargets(labels, [labels.Length]), gradient, new LossShape(steps, 1, DeviceLoss.Features));
        AssertGradient(value, gradient, output, y => CtcReference.OfAllAlignments(y, DeviceLoss.Features, labels, blank));
    }

    [NvrtcTheory]
    [InlineData(Reduction.Mean, 0)]
    [InlineData(Reduction.Sum, 0)]
    [InlineData(Reduction.Mean, 1)]
    public void Batches_of_any_lengths_and_weights(Reduction reduction, int skip)
    {
        const int Steps = 5, Batch = 5, Features = DeviceLoss.Features;
        int[] lengths = [5, 3, 0, 4, 5];
        float[] weights = [1, 2, 1, 0.5f, 0];
        int[][] labels = [[1, 2, 1], [2], [], [1, 1], [3, 3]];
        var output = Outputs(Steps * Batch, 8);
        var gradient = new float[output.Length];
        using var loss = new DeviceLoss(
            new CtcLoss { Reduction = reduction, Window = skip == 0 ? LossWindow.All : LossWindow.After(skip) }, Steps, Batch, labels: 4);
        var shape = new LossShape(Steps, Batch, Features, lengths) { SampleWeights = weights };
        int[] all = [.. labels.SelectMany(l => l)], counts = [.. labels.Select(l => l.Length)];
        var value = loss.Compute(output, new LossTargets(all, counts), gradient, shape);
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

    [NvrtcFact]
    public void Labels_that_do_not_fit_and_numbers_that_are_none_are_as_on_the_host()
    {
        // Two equal labels need three steps; one step has no room for one label more; no step says nothing, and nothing else.
        int[] labels = [1, 1, 2, 3, 1], counts = [2, 1, 0, 2], lengths = [2, 2, 0, 1];
        foreach (var (zero, bad, row) in new[]
        {
            (false, 0f, 0), (true, 0f, 0), (false, float.NaN, 5), (true, float.NaN, 1), (true, float.NegativeInfinity, 5),
            (true, float.PositiveInfinity, 5),
        })
        {
            var ctc = new CtcLoss { ZeroInfinity = zero };
            using var loss = new DeviceLoss(ctc, 2, 4, labels: 2);
            var output = Outputs(8, 4);
            output[row * DeviceLoss.Features] += bad;
            var (expected, actual) = (new float[output.Length], new float[output.Length]);
            var shape = new LossShape(2, 4, DeviceLoss.Features, lengths);
            var host = ctc.Compute(output, labels, counts, expected, shape);
            var device = loss.Compute(output, new LossTargets(labels, counts), actual, shape);
            Assert.Equal(host, (float)device, 1e-6);
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], actual[i], 1e-6);
            }
        }
    }

    [NvrtcFact]
    public void More_positions_than_threads()
    {
        const int Steps = 200;
        var random = new Random(9);
        var output = Outputs(Steps * 2, 10);
        int[] labels = [.. Enumerable.Range(0, 131).Select(_ => 1 + random.Next(3)), 1];
        var (expected, actual) = (new float[output.Length], new float[output.Length]);
        var shape = new LossShape(Steps, 2, DeviceLoss.Features);
        using var loss = new DeviceLoss(Loss.Ctc, Steps, 2, labels: 131);
        var host = Loss.Ctc.Compute(output, labels, [131, 1], expected, shape);
        var device = loss.Compute(output, new LossTargets(labels, [131, 1]), actual, shape);
        Assert.True(float.IsFinite(host));
        Assert.Equal(host, device, 1e-6 * host);
        OnDevice.Near(expected, actual, 2e-6);
    }

    private static float[] Outputs(int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * DeviceLoss.Features).Select(_ => (4 * random.NextSingle()) - 2)];
    }

    private static void AssertGradient(double value, float[] gradient, float[] output, Func<double[], double> reference)
    {
        double[] wide = [.. output.Select(v => (double)v)];
        var exact = reference(wide);
        Assert.Equal(exact, value, 1e-6 * (1 + Math.Abs(exact)));
        const double Step = 1e-4;
        for (var i = 0; i < output.Length; i++)
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
