using RnnCodegen.Runtime;
using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>What reduced weight formats promise beyond their equations, which the table of cases checks.</summary>
public class WeightFormatTests
{
    public static TheoryData<SimdWidth> Widths() => [.. Enum.GetValues<SimdWidth>()];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Float32_models_keep_one_copy_and_others_a_small_one(SimdWidth width)
    {
        Assert.Equal(0, KernelsOf<LstmI20H33>(width).PackedForwardLength);
        var (full, half, quarter) = (KernelsOf<LstmI20H33>(width), KernelsOf<BFloat16LstmI20H33>(width), KernelsOf<Int8LstmI20H33>(width));
        Assert.Equal(full.PackedLength, half.PackedForwardLength);
        Assert.Equal(full.PackedLength, quarter.PackedForwardLength);
        Assert.InRange(half.PackedLength, full.PackedLength / 2, full.PackedLength * 6 / 10);
        Assert.InRange(quarter.PackedLength, full.PackedLength / 4, full.PackedLength * 4 / 10);
    }

    /// <summary>Rows of zeros have no scale; what comes out is what biases make of it.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void Zeros_and_rows_too_small_for_a_scale_count_as_zero(SimdWidth width)
    {
        var (reduced, plain) = (NewCore<Int8LstmI5H7>(width), NewCore<LstmI5H7AsTrained>(width));
        foreach (var size in new[] { 0f, 1e-38f, 1e-44f, 5e-31f })
        {
            Near.Forward($"zeros of {size}", Step(reduced, [size, -size, 0, size, size]),
                Array.ConvertAll(Step(plain, new float[5]), v => (double)v));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void The_least_magnitude_that_has_a_scale_is_exact(SimdWidth width)
    {
        var core = NewCore<Int8Line>(width);
        core.Parameters.Edit().Fill(1);
        var x = new float[20];
        x[3] = 8e-31f;
        Near.Same("2^-100 and above", Step(core, x), [8e-31f, 8e-31f, 8e-31f]);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void What_is_not_finite_does_not_come_out_as_a_number(SimdWidth width)
    {
        foreach (var at in new[] { 0, 3, 15, 16, 19 })
        {
            foreach (var value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                var x = new float[20];
                x[at] = value;
                Assert.All(Step(NewCore<Int8Line>(width), x), y => Assert.True(float.IsNaN(y), $"x[{at}] = {value} gave {y}."));
                // what float arithmetic gives: an infinity of either sign, or NaN
                Assert.DoesNotContain(Step(NewCore<BFloat16Line>(width), x), float.IsFinite);
            }
        }

        var core = NewCore<Int8Line>(width);
        core.Parameters["Line.weight"].Edit()[(1 * 20) + 7] = float.NegativeInfinity;
        Assert.Equal([false, true, false], Step(core, [.. Enumerable.Repeat(1f, 20)]).Select(float.IsNaN));
    }

    /// <summary>A row of a batch that is not finite leaves the others alone.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void NaN_stays_in_its_sample(SimdWidth width)
    {
        foreach (var core in new[] { NewCore<Int8GruI9H17>(width), NewCore<BFloat16GruI9H17>(width) })
        {
            var x = TestModel.Narrow(new Samples(3).Uniform(4 * 5 * 9));
            var (clean, y) = (new float[4 * 5 * 17], new float[4 * 5 * 17]);
            core.Run(x, clean, 4, 5);
            x.AsSpan(2 * 9, 9).Fill(float.NaN); // step 0, sample 2
            core.Run(x, y, 4, 5);
            for (var row = 0; row < 4 * 5; row++)
            {
                var (actual, expected) = (y.AsSpan(row * 17, 17).ToArray(), clean.AsSpan(row * 17, 17).ToArray());
                if (row % 5 == 2)
                {
                    Assert.All(actual, v => Assert.True(float.IsNaN(v)));
                }
                else
                {
                    Near.Same($"row {row}", actual, expected);
                }
            }
        }
    }

    private static float[] Step(ModelCore core, float[] x)
    {
        var y = new float[core.Definition.OutputSize];
        core.Step(x, y, core.CreateState());
        return y;
    }

    private static ModelCore NewCore<TModel>(SimdWidth width)
        where TModel : class, IRnnModel<TModel>
    {
        var core = new ModelCore(TModel.Definition, TModel.CreateKernels(width));
        ParameterInitializer.Initialize(core.Parameters, Initialization.PyTorch, 5);
        return core;
    }

    private static ModelKernels KernelsOf<TModel>(SimdWidth width)
        where TModel : class, IRnnModel<TModel> => TModel.CreateKernels(width);
}
