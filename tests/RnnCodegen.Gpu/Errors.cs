using System.Globalization;
using RnnCodegen.Reference;
using RnnCodegen.Runtime;

namespace RnnCodegen.Gpu;

/// <summary>How far a model is off the reference in double precision: an LSTM of 128 units with a dense layer.</summary>
static class Errors
{
    private const int Steps = 12, Batch = 8;

    /// <summary>Prints a row: outputs as shares of max(1, the largest), gradients as shares of each tensor's largest.</summary>
    public static int Write(string precision, ModelCore core)
    {
        var x = Check.Noise(Steps * Batch * ComparisonRow.Features, 1);
        var run = new ReferenceRun(
            new ReferenceModel(
                ComparisonRow.Features, new ReferenceLayer("Memory", new LstmAttribute(128)),
                new ReferenceLayer("Head", new DenseAttribute(1))),
            new ReferenceCall(Steps, Batch)
            {
                Input = Double(x),
                Parameters = core.Parameters.Tensors.ToDictionary(t => t.Name, t => Double(t.Values)),
            });
        var (y, tape) = (new float[Steps * Batch], core.CreateTape(Steps, Batch));
        core.Forward(x, y, tape);
        var dy = Check.Noise(y.Length, 2);
        var (dx, gradients) = (new float[x.Length], core.CreateGradients());
        core.Backward(dy, dx, tape, gradients);
        var expected = run.Backward(Double(dy));
        var worst = gradients.Tensors.Max(t => Off(t.Values, expected.Parameters[t.Name], 0));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {precision} | {Off(y, run.Output, 1):0.0e-0} | {Math.Max(worst, Off(dx, expected.Input, 0)):0.0e-0} |"));
        return 0;
    }

    private static double Off(ReadOnlySpan<float> actual, ReadOnlySpan<double> expected, double least)
    {
        var (worst, largest) = (0.0, least);
        for (var i = 0; i < actual.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(actual[i] - expected[i]));
            largest = Math.Max(largest, Math.Abs(expected[i]));
        }

        return worst / largest;
    }

    private static double[] Double(ReadOnlySpan<float> values)
    {
        var wide = new double[values.Length];
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] = values[i];
        }

        return wide;
    }
}
