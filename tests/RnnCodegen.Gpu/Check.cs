using RnnCodegen.Aot.Tests;
using RnnCodegen.Reference;
using RnnCodegen.Runtime;

namespace RnnCodegen.Gpu;

/// <summary>Compares what a model computes with the reference, in double precision.</summary>
static class Check
{
    private const int Steps = 5, Batch = 3;
    private const double ForwardTolerance = 2e-6;  // of max(1, largest reference value)
    private const double GradientTolerance = 1e-5; // of the tensor's largest reference gradient

    /// <summary>Prints a line a comparison; returns how many failed.</summary>
    public static int Run(ModelCore core, ReferenceModel reference)
    {
        var report = new Report(core.Definition.Name);
        var x = Noise(Steps * Batch * core.Definition.InputSize, 1);
        var run = new ReferenceRun(reference, new ReferenceCall(Steps, Batch)
        {
            Input = ToDouble(x),
            Parameters = core.Parameters.Tensors.ToDictionary(t => t.Name, t => ToDouble(t.Values.ToArray())),
        });
        var transformed = run.TransformedOutput;
        var y = new float[transformed.Length];
        core.Run(x, y, Steps, Batch);
        report.Compare("Run", y, transformed, ForwardTolerance * Math.Max(1, Largest(transformed)));
        report.Compare("Step", StepAll(core, x), transformed, ForwardTolerance * Math.Max(1, Largest(transformed)));

        var tape = core.CreateTape(Steps, Batch);
        core.Forward(x, y, tape);
        report.Compare("Forward", y, run.Output, ForwardTolerance * Math.Max(1, Largest(run.Output)));

        var dy = Noise(y.Length, 2);
        var (dx, gradients) = (new float[x.Length], core.CreateGradients());
        core.Backward(dy, dx, tape, gradients);
        var expected = run.Backward(ToDouble(dy));
        foreach (var tensor in gradients.Tensors)
        {
            var exact = expected.Parameters[tensor.Name];
            report.Compare($"gradient of {tensor.Name}", tensor.Values.ToArray(), exact, GradientTolerance * Largest(exact));
        }

        report.Compare("gradient of x", dx, expected.Input, GradientTolerance * Largest(expected.Input));

        var again = core.CreateGradients();
        core.Forward(x, y, tape);
        core.Backward(dy, dx, tape, again);
        foreach (var (first, second) in gradients.Tensors.Zip(again.Tensors))
        {
            report.Equal($"gradient of {first.Name}, once more", second.Values, first.Values);
        }

        return report.Failures;
    }

    /// <summary>Numbers between -1 and 1.</summary>
    public static float[] Noise(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static float[] StepAll(ModelCore core, float[] x)
    {
        var (inputs, outputs) = (core.Definition.InputSize, core.Definition.OutputSize);
        var y = new float[Steps * Batch * outputs];
        for (var b = 0; b < Batch; b++)
        {
            var state = core.CreateState();
            for (var t = 0; t < Steps; t++)
            {
                var row = (t * Batch) + b;
                core.Step(x.AsSpan(row * inputs, inputs), y.AsSpan(row * outputs, outputs), state);
            }
        }

        return y;
    }

    private static double[] ToDouble(float[] values) => Array.ConvertAll(values, value => (double)value);

    private static double Largest(double[] values) => values.Max(Math.Abs);
}
