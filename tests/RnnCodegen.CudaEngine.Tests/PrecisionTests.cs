using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>
/// What <see cref="CudaPrecision"/> says is rounded is rounded so, to the tolerances of float32, and nothing else is; and how much of it
/// comes to a model's outputs and gradients.
/// </summary>
public class PrecisionTests
{
    private const int Steps = 11, Batch = 7, Inputs = 37;

    [NvrtcFact]
    public void Tf32_is_what_operands_of_products_are_rounded_to() => CheckProducts(new Tf32Rows(seed: 3), Tf32);

    [NvrtcFact]
    public void BFloat16_is_what_operands_of_products_are_rounded_to() => CheckProducts(new BFloat16Rows(seed: 3), BFloat16);

    [NvrtcFact]
    public void Cells_of_tf32_are_off_by_its_roundings() => CheckCells(new Tf32Cells(seed: 4), Math.ScaleB(1, -11));

    [NvrtcFact]
    public void Cells_of_bfloat16_are_off_by_its_roundings() => CheckCells(new BFloat16Cells(seed: 4), Math.ScaleB(1, -8));

    [NvrtcFact]
    public void Streams_are_float32()
    {
        using var driver = new SoftwareDriver();
        var onCpu = new BFloat16Rows(seed: 5);
        using (var model = Software.Place(onCpu, driver))
        using (var streams = model.CreateStreams(20))
        {
            var x = Software.Uniform(20 * Inputs, 6);
            const int Outputs = BFloat16Rows.OutputSize;
            var (y, expected) = (new float[20 * Outputs], new float[Outputs]);
            streams.Step(x, y);
            for (var stream = 0; stream < 20; stream++)
            {
                onCpu.CreateStream().Step(x.AsSpan(stream * Inputs, Inputs), expected);
                Assert.Equal(expected, y[(stream * Outputs)..((stream + 1) * Outputs)], (a, b) => MathF.Abs(a - b) < 1e-6f);
            }
        }

        driver.RequireClean();
    }

    [NvrtcFact]
    public void A_model_says_what_its_products_are_of()
    {
        using var driver = new SoftwareDriver();
        using (Tf32Rows.TryCreateCuda(out var reason, Software.On(driver)))
        {
            Assert.EndsWith(", and large products are of TensorFloat32.", reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_card_without_such_tensor_cores_is_told_of()
    {
        using var driver = new SoftwareDriver(new SoftwareCard { Architecture = 75 });
        Assert.Null(Tf32Rows.TryCreateCuda(out var reason, Software.On(driver)));
        Assert.EndsWith(
            "products of TensorFloat32 need compute capability 8.0; CudaPrecision.Float32 has the model run here.", reason,
            StringComparison.Ordinal);
        driver.RequireClean();
    }

    private static void CheckProducts<TModel>(TModel onCpu, Func<float, double> rounded)
        where TModel : class, IRnnModel<TModel>
    {
        var (weights, bias) = (onCpu.Core.Parameters.Tensors[0].Values.ToArray(), onCpu.Core.Parameters.Tensors[1].Values.ToArray());
        const int Rows = Steps * Batch;
        var outputs = onCpu.Core.Definition.OutputSize;
        var (x, dy) = (Software.Uniform(Rows * Inputs, 1), Software.Uniform(Rows * outputs, 2));
        using var driver = new SoftwareDriver();
        var model = Software.Place(onCpu, driver);
        var (y, dx, gradients) = (new float[Rows * outputs], new float[x.Length], model.Core.CreateGradients());
        var tape = model.Core.CreateTape(Steps, Batch);
        model.Core.Forward(x, y, tape);
        model.Core.Backward(dy, dx, tape, gradients);
        Near.Forward("outputs", y, Matrix(Rows, outputs, (r, c) => bias[c] + Sum(Inputs, k => rounded(x[(r * Inputs) + k])
            * rounded(weights[(c * Inputs) + k]))));
        Near.Gradient("gradient of x", dx, Matrix(Rows, Inputs, (r, k) => Sum(outputs, c => rounded(dy[(r * outputs) + c])
            * rounded(weights[(c * Inputs) + k]))));
        Near.Gradient("gradient of the weights", gradients.Tensors[0].Values, Matrix(outputs, Inputs, (c, k) => Sum(Rows, r =>
            rounded(dy[(r * outputs) + c]) * rounded(x[(r * Inputs) + k]))));
        Near.Gradient("gradient of the biases", gradients.Tensors[1].Values, Matrix(1, outputs, (_, c) => Sum(
            Rows, r => dy[(r * outputs) + c])));

        // A product of few rows is one of a step.
        model.Core.Run(x.AsSpan(0, 8 * Inputs), y.AsSpan(0, 8 * outputs), 4, 2);
        Near.Forward("outputs of few rows", y.AsSpan(0, 8 * outputs), Matrix(8, outputs, (r, c) => bias[c] + Sum(Inputs, k =>
            (double)x[(r * Inputs) + k] * weights[(c * Inputs) + k])));
        CudaModels.Dispose(model.Core);
        driver.RequireClean();
    }

    // Outputs are off by at most half a rounding of an operand, gradients by at most two.
    private static void CheckCells<TModel>(TModel onCpu, double rounding)
        where TModel : class, IRnnModel<TModel>
    {
        var (x, dy) = (Software.Uniform(Steps * Batch * Inputs, 1), Software.Uniform(Steps * Batch * 5, 2));
        var reference = new ReferenceRun(
            new ReferenceModel(
                Inputs, new ReferenceLayer("Cell", new LstmAttribute(24)), new ReferenceLayer("Head", new DenseAttribute(5))),
            new ReferenceCall(Steps, Batch)
            {
                Input = Array.ConvertAll(x, v => (double)v),
                Parameters = onCpu.Core.Parameters.Tensors.ToDictionary(
                    t => t.Name, t => Array.ConvertAll(t.Values.ToArray(), v => (double)v)),
            });
        var expected = reference.Backward(Array.ConvertAll(dy, v => (double)v));
        using var driver = new SoftwareDriver();
        var model = Software.Place(onCpu, driver);
        var (y, dx, gradients) = (new float[dy.Length], new float[x.Length], model.Core.CreateGradients());
        var tape = model.Core.CreateTape(Steps, Batch);
        model.Core.Forward(x, y, tape);
        model.Core.Backward(dy, dx, tape, gradients);
        Off("outputs", y, reference.Output, Math.Max(1, Near.Largest(reference.Output)), rounding / 2);
        Off("gradient of x", dx, expected.Input, Near.Largest(expected.Input), 2 * rounding);
        foreach (var tensor in gradients.Tensors)
        {
            if (tensor.Name == "Head.bias")
            {
                // Sums of dy alone, which are float32.
                Near.Gradient(tensor.Name, tensor.Values, expected.Parameters[tensor.Name]);
                continue;
            }

            Off(tensor.Name, tensor.Values, expected.Parameters[tensor.Name], Near.Largest(expected.Parameters[tensor.Name]), 2 * rounding);
        }

        CudaModels.Dispose(model.Core);
        driver.RequireClean();
    }

    // No farther off than a bound, and farther than float32 would be.
    private static void Off(string what, ReadOnlySpan<float> actual, ReadOnlySpan<double> expected, double scale, double bound)
    {
        var worst = 0.0;
        for (var i = 0; i < expected.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(actual[i] - expected[i]) / scale);
        }

        Assert.True(worst > 1e-5 && worst < bound, $"{what}: off by {worst:E1} of the largest value, bound {bound:E1}.");
    }

    private static double Tf32(float value)
    {
        // 10 bits of fraction, ties away from zero.
        var step = Math.ScaleB(1, Math.ILogB(value) - 10);
        return Math.Round(value / step, MidpointRounding.AwayFromZero) * step;
    }

    private static double BFloat16(float value)
    {
        // 7 bits of fraction, ties to even.
        var step = Math.ScaleB(1, Math.ILogB(value) - 7);
        return Math.Round(value / step, MidpointRounding.ToEven) * step;
    }

    private static double Sum(int count, Func<int, double> term) => Enumerable.Range(0, count).Sum(term);

    private static double[] Matrix(int rows, int columns, Func<int, int, double> value) =>
        [.. Enumerable.Range(0, rows * columns).Select(i => value(i / columns, i % columns))];
}
