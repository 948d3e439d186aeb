using System.Diagnostics;
using RnnCodegen.Cuda;

namespace RnnCodegen.Gpu;

/// <summary>Times one row, after what it computes was compared with the CPU's.</summary>
static class Measurement
{
    // Of max(1, largest value), between two engines that are each within their own.
    private const float Tolerance = 2e-5f;

    private const double Seconds = 1;

    /// <summary>Microseconds a step.</summary>
    /// <exception cref="InvalidOperationException">The devices differ.</exception>
    public static double Run<TModel>(TModel onGpu, TModel onCpu, ComparisonRow row, bool isRehearsal)
        where TModel : class, IRnnModel<TModel>
    {
        var (steps, batch) = (row.Steps, row.Batch);
        var x = Check.Noise(steps * batch * ComparisonRow.Features, 1);
        var (y, expected) = (new float[steps * batch], new float[steps * batch]);
        onGpu.Core.Run(x, y, steps, batch, row.Lengths);
        onCpu.Core.Run(x, expected, steps, batch, row.Lengths);
        RequireEqual(row, y, expected);
        Action call;
        CudaStreams? streams = null;
        switch (row.Kind)
        {
            case "step" when batch == 1:
                var state = onGpu.Core.CreateState();
                call = () => onGpu.Core.Step(x, y, state);
                break;
            case "step":
                streams = CudaModels.CreateStreams(onGpu.Core, batch);
                call = () => streams.Step(x, y);
                break;
            case "train":
                call = Training(onGpu, row, x);
                break;
            default:
                call = () => onGpu.Core.Run(x, y, steps, batch, row.Lengths);
                break;
        }

        using (streams)
        {
            return Median(call, isRehearsal) / steps;
        }
    }

    private static Action Training<TModel>(TModel model, ComparisonRow row, float[] x)
        where TModel : class, IRnnModel<TModel>
    {
        var size = row.Steps * ComparisonRow.Features;
        var set = TrainingSet.OfRows(ComparisonRow.Features);
        for (var b = 0; b < row.Batch; b++)
        {
            set.Add(x.AsMemory(b * size, size), Check.Noise(row.Steps, b));
        }

        var trainer = new Trainer<TModel>(model, Loss.MeanSquaredError, new AdamW(1e-4)) { BatchSize = row.Batch };
        return () => trainer.Fit(set, null, 1);
    }

    private static double Median(Action call, bool isRehearsal)
    {
        for (var i = 0; i < (isRehearsal ? 1 : 10); i++)
        {
            call();
        }

        var times = new List<double>();
        var all = Stopwatch.StartNew();
        while (times.Count == 0 || (!isRehearsal && all.Elapsed.TotalSeconds < Seconds))
        {
            var watch = Stopwatch.GetTimestamp();
            call();
            times.Add(Stopwatch.GetElapsedTime(watch).TotalMicroseconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    private static void RequireEqual(ComparisonRow row, float[] actual, float[] expected)
    {
        var allowed = Math.Max(1, expected.Max(Math.Abs)) * row.Precision switch
        {
            CudaPrecision.TensorFloat32 => MathF.ScaleB(1, -11), CudaPrecision.BFloat16 => MathF.ScaleB(1, -8), _ => Tolerance,
        };
        var largest = actual.Zip(expected, (a, e) => Math.Abs(a - e)).Max();
        if (!(largest <= allowed))
        {
            throw new InvalidOperationException($"{row.Name}: the GPU and the CPU differ by {largest}, allowed {allowed}.");
        }
    }
}
