using RnnCodegen.Reference;
using RnnCodegen.Runtime;

namespace RnnCodegen.Aot.Tests;

/// <summary>Compares what a model computes with the reference.</summary>
static class ModelCheck
{
    private const int Steps = 5;
    private const int Batch = 3;
    private const double ForwardTolerance = 2e-6;  // of max(1, largest reference value)
    private const double GradientTolerance = 1e-5; // of the tensor's largest reference gradient

    /// <summary>Prints a line a check; returns how many failed.</summary>
    public static int Run<TModel>(TModel model, ReferenceModel reference, Func<TModel, TModel> saveAndLoad)
        where TModel : class, IRnnModel<TModel>
    {
        var core = model.Core;
        var definition = TModel.Definition;
        var report = new Report($"{definition.Name}, {TModel.CreateKernels().Width}");
        var x = Noise(Steps * Batch * definition.InputSize, 1);
        var call = new ReferenceCall(Steps, Batch)
        {
            Input = ToDouble(x),
            Parameters = core.Parameters.Tensors.ToDictionary(t => t.Name, t => ToDouble(t.Values.ToArray())),
        };
        var training = new ReferenceRun(reference, call);
        var inference = new ReferenceRun(reference, call with { RoundsWeights = true });
        var outputs = inference.TransformedOutput;
        report.Require("activations keep away from other 8-bit integers", inference.RoundingMargin > 2e-4);

        var run = new float[outputs.Length];
        core.Run(x, run, Steps, Batch);
        report.Compare("Run", run, outputs, ForwardTolerance * Math.Max(1, Largest(outputs)));
        report.Compare("Run on two threads", RunMany(core, definition, 2), ToDouble(RunMany(core, definition, 1)), 0);
        report.Compare("Step", Step(core, definition, x), outputs, ForwardTolerance * Math.Max(1, Largest(outputs)));

        var forward = new float[outputs.Length];
        var tape = core.CreateTape(Steps, Batch);
        core.Forward(x, forward, tape);
        report.Compare("Forward", forward, training.Output, ForwardTolerance * Math.Max(1, Largest(training.Output)));

        var dy = Noise(outputs.Length, 2);
        var dx = new float[x.Length];
        var gradients = core.CreateGradients();
        core.Backward(dy, dx, tape, gradients);
        var expected = training.Backward(ToDouble(dy));
        foreach (var tensor in gradients.Tensors)
        {
            var exact = expected.Parameters[tensor.Name];
            report.Compare($"gradient of {tensor.Name}", tensor.Values.ToArray(), exact, GradientTolerance * Largest(exact));
        }

        report.Compare("gradient of x", dx, expected.Input, GradientTolerance * Largest(expected.Input));

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

    private static float[] Noise(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static double[] ToDouble(float[] values) => Array.ConvertAll(values, value => (double)value);

    private static double Largest(double[] values) => values.Max(Math.Abs);
}
