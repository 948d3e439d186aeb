using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

public unsafe class DropoutMaskTests
{
    private const int Count = 200_000;

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    [InlineData(0.9f)]
    public void Drops_at_the_rate_asked_for_and_keeps_the_mean(float probability)
    {
        for (uint stream = 0; stream < 4; stream++)
        {
            float[] mask = Fill(Count, 42, stream, probability);
            Assert.All(mask.Distinct(), v => Assert.True(v is 0f || v == 1f / (1f - probability)));
            double dropped = mask.Count(v => v == 0);

            // Five standard deviations of a binomial.
            Assert.InRange(dropped - Count * (double)probability, -Five(probability), Five(probability));
        }
    }

    [Fact]
    public void Keeps_everything_at_probability_zero() => Assert.All(Fill(1000, 1, 1, 0f), v => Assert.Equal(1f, v));

    [Theory]
    [InlineData(1ul, 1u, 1ul, 2u)]
    [InlineData(1ul, 1u, 2ul, 1u)]
    [InlineData(1ul, 2u, 2ul, 1u)]
    [InlineData(0ul, 0u, 0ul, 1u)]
    [InlineData(0ul, 0u, 0x9E3779B97F4A7C15ul, 0u)]
    public void Masks_of_other_seeds_and_streams_are_independent(ulong seedA, uint streamA, ulong seedB, uint streamB)
    {
        float[] a = Fill(Count, seedA, streamA, 0.5f);
        float[] b = Fill(Count, seedB, streamB, 0.5f);

        // Also against each other's neighbours: streams that are shifts of one another would agree there.
        for (int shift = -4; shift <= 4; shift++)
        {
            int equal = Enumerable.Range(4, Count - 8).Count(i => a[i] == b[i + shift]);
            Assert.InRange(equal - (Count - 8) / 2.0, -Five(0.5f), Five(0.5f));
        }
    }

    [Fact]
    public void Neighbours_within_a_mask_are_independent()
    {
        float[] mask = Fill(Count, 7, 3, 0.5f);
        for (int distance = 1; distance <= 64; distance++)
        {
            int equal = Enumerable.Range(0, Count - distance).Count(i => mask[i] == mask[i + distance]);
            Assert.InRange(equal - (Count - distance) / 2.0, -Five(0.5f), Five(0.5f));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(33)]
    public void Does_not_depend_on_how_it_is_filled(int chunk)
    {
        const int Length = 203;
        float[] whole = Fill(Length, 9, 5, 0.3f);
        float[] parts = new float[Length];
        for (int i = 0; i < Length; i += chunk)
        {
            fixed (float* p = &parts[i])
            {
                DropoutMask.Fill(p, Math.Min(chunk, Length - i), 9, 5, 0.3f, i);
            }
        }

        Assert.Equal(whole, parts);
    }

    // samples before, in and after the call's part; floats per row
    [Theory]
    [InlineData(0, 5, 0, 16)]
    [InlineData(0, 2, 3, 16)]
    [InlineData(3, 4, 0, 32)]
    [InlineData(1, 2, 4, 7)]
    public void A_part_of_a_batch_has_its_part_of_the_mask(int before, int batch, int after, int stride)
    {
        const int Steps = 3;
        int whole = before + batch + after;
        ModelCall call = new() { Batch = batch, WholeBatch = whole, FirstSample = before, DropoutSeed = 9, Training = true };
        float[] expected = Fill(Steps * whole * stride, 9, 5, 0.3f);
        float[] mask = new float[Steps * batch * stride];
        fixed (float* p = mask)
        {
            DropoutMask.FillSteps(p, call, Steps, stride, 5, 0.3f);
            for (int t = 0; t < Steps; t++)
            {
                int row = (t * whole) + before;
                Assert.Equal(expected[(row * stride)..((row + batch) * stride)], mask[(t * batch * stride)..((t + 1) * batch * stride)]);
            }

            call.Training = false;
            DropoutMask.FillSteps(p, call, Steps, stride, 5, 0.3f);
            Assert.All(mask, v => Assert.Equal(1f, v));
        }
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1f)]
    [InlineData(float.NaN)]
    public void Refuses_a_probability_outside_its_range(float probability)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Fill(1, 1, 1, probability));
        Assert.Equal("probability", error.ParamName);
    }

    private static double Five(float probability) => 5 * Math.Sqrt(Count * (double)probability * (1 - probability));

    private static float[] Fill(int count, ulong seed, uint stream, float probability)
    {
        float[] mask = new float[count];
        fixed (float* p = mask)
        {
            DropoutMask.Fill(p, count, seed, stream, probability);
        }

        return mask;
    }
}
