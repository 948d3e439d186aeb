using RnnCodegen.Runtime;

namespace RnnCodegen.Aot.Tests;

/// <summary>Compares what a model computes with the same in naive double.</summary>
static class ModelCheck
{
    private const int Steps = 5;
    private const int Batch = 3;
    private const double ForwardTolerance = 2e-6;  // of max(1, largest reference value)
    private const double GradientTolerance = 1e-5; // of the tensor's largest reference gradient

    /// <summary>Prints a line a check; returns how many failed.</summary>
    public static int Run<TModel>(TModel model, NaiveModel naive, Func<TModel, TModel> saveAndLoad)
        where TModel : class, IRnnModel<TModel>
    {
        var core = model.Core;
        var definition = TModel.Definition;
        var report = new Report($"{definition.Name}, {TModel.CreateKernels().Width}");
        var x = Noise(Steps * Batch * definition.InputSize, 1);
        var parameters = Array.ConvertAll(core.Parameters.Values.ToArray(), value => (double)value);
        var logits = naive.Run(parameters, ToDouble(x), Steps, Batch);
        var outputs = naive.Transform(naive.Run(parameters, ToDouble(x), Steps, Batch, inference: true));
        report.Require("activations keep away from other 8-bit integers", naive.RoundingMargin > 2e-4);

        var run = new float[outputs.Length];
        core.Run(x, run, Steps, Batch);
        report.Compare("Run", run, outputs, ForwardTolerance * Math.Max(1, Largest(outputs)));
        report.Compare("Run on two threads", RunMany(core, definition, 2), ToDouble(RunMany(core, definition, 1)), 0);
        report.Compare("Step", Step(core, definition, x), outputs, ForwardTolerance * Math.Max(1, Largest(outputs)));

        var forward = new float[outputs.Length];
        var tape = core.CreateTape(Steps, Batch);
        core.Forward(x, forward, tape);
        report.Compare("Forward", forward, logits, ForwardTolerance * Math.Max(1, Largest(logits)));

        var dy = Noise(outputs.Length, 2);
        var dx = new float[x.Length];
        var gradients = core.CreateGradients();
        core.Backward(dy, dx, tape, gradients);
        double Loss(double[] p, double[] input) => naive.Run(p, input, Steps, Batch).Select((value, i) => value * dy[i]).Sum();
        foreach (var tensor in definition.Parameters)
        {
            var expected = Differences(parameters, tensor.Offset, tensor.Length, p => Loss(p, ToDouble(x)));
            var actual = gradients.Values.Slice(tensor.Offset, tensor.Length).ToArray();
            report.Compare($"gradient of {tensor.Name}", actual, expected, GradientTolerance * Largest(expected));
        }

        var expectedDx = Differences(ToDouble(x), 0, x.Length, input => Loss(parameters, input));
        report.Compare("gradient of x", dx, expectedDx, GradientTolerance * Largest(expectedDx));

        var loaded = new float[outputs.Length];
        saveAndLoad(model).Core.Run(x, loaded, Steps, Batch);
        report.Compare("saved and loaded", loaded, ToDouble(run), 0);
        return report.Failures;
    }

    // A batch large enough to be divided.
    private static float[] RunMany(ModelCore core, ModelDefinition definition, int threads)
    {
        const int batch = 32;
        var steps = (int)(10_000_000 / (batch * definition.FlopsPerStep)) + 1;
        var y = new float[steps * batch * definition.OutputSize];
        core.MaxThreads = threads;
        core.Run(Noise(steps * batch * definition.InputSize, 3), y, steps, batch);
        return y;
    }

    private static float[] Step(ModelCore core, ModelDefinition definition, float[] x)
    {
        var y = new float[Steps * Batch * definition.OutputSize];
        for (var b = 0; b < Batch; b++)
        {
            var state = core.CreateState();
            for (var t = 0; t < Steps; t++)
            {
                var row = (t * Batch) + b;
                core.Step(
                    x.AsSpan(row * definition.InputSize, definition.InputSize),
                    y.AsSpan(row * definition.OutputSize, definition.OutputSize),
                    state);
            }
        }

        return y;
    }

    // Central differences: in double, with this step, good to about 1e-9.
    private static double[] Differences(double[] at, int offset, int length, Func<double[], double> function)
    {
        const double step = 1e-5;
        var result = new double[length];
        for (var i = 0; i < length; i++)
        {
            var value = at[offset + i];
            at[offset + i] = value + step;
            var above = function(at);
            at[offset + i] = value - step;
            result[i] = (above - function(at)) / (2 * step);
            at[offset + i] = value;
        }

        return result;
    }

    private static float[] Noise(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static double[] ToDouble(float[] values) => Array.ConvertAll(values, value => (double)value);

    private static double Largest(double[] values) => values.Max(Math.Abs);
}
