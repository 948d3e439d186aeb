using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Training;

public sealed class GradientClippingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(1003)]
    public void Norms_are_scaled_as_pytorch_does(int size)
    {
        var gradients = FlatParameters.Of(size);
        FlatParameters.Fill(gradients.Edit(), new Random(size));
        var before = gradients.Values.ToArray();
        var norm = Math.Sqrt(before.Sum(g => (double)g * g));

        Assert.Equal(norm, GradientClipping.ByGlobalNorm(gradients, (float)norm * 2), 1e-7 * norm);
        Assert.Equal(norm, GradientClipping.ByGlobalNorm(gradients, float.PositiveInfinity), 1e-7 * norm);
        Assert.Equal(before, gradients.Values.ToArray());

        Assert.Equal(norm, GradientClipping.ByGlobalNorm(gradients, (float)(norm / 4)), 1e-7 * norm);
        var scale = (float)(norm / 4) / (norm + 1e-6);
        for (var i = 0; i < size; i++)
        {
            Assert.Equal(before[i] * scale, gradients.Values[i], 1e-6 * Math.Abs(before[i]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(1003)]
    public void Values_are_limited_one_by_one(int size)
    {
        var gradients = FlatParameters.Of(size);
        FlatParameters.Fill(gradients.Edit(), new Random(size));
        var before = gradients.Values.ToArray();
        GradientClipping.ByValue(gradients, float.PositiveInfinity);
        Assert.Equal(before, gradients.Values.ToArray());
        GradientClipping.ByValue(gradients, 0.75f);
        Assert.Equal(before.Select(g => g > 0.75f ? 0.75f : g < -0.75f ? -0.75f : g), gradients.Values.ToArray());
    }

    [Fact]
    public void Sums_do_not_lose_small_gradients_and_what_is_not_finite_is_left()
    {
        var gradients = FlatParameters.Of(1_000_001);
        gradients.Edit().Fill(1e-3f);
        gradients.Edit()[0] = 1e4f;
        Assert.Equal(Math.Sqrt(1e8 + 1), GradientClipping.ByGlobalNorm(gradients, float.PositiveInfinity), 1e-3);

        var infinite = FlatParameters.Of(2);
        infinite.Edit()[0] = float.PositiveInfinity;
        infinite.Edit()[1] = 1;
        Assert.Equal(float.PositiveInfinity, GradientClipping.ByGlobalNorm(infinite, 1));
        Assert.Equal(1, infinite.Values[1]);
    }

    [Fact]
    public void Infinities_become_the_limit_and_what_is_not_a_number_stays()
    {
        var gradients = FlatParameters.Of(20);
        for (var i = 0; i < 20; i++)
        {
            gradients.Edit()[i] = (i % 4) switch { 0 => float.NaN, 1 => float.NegativeInfinity, 2 => float.PositiveInfinity, _ => 0.25f };
        }

        GradientClipping.ByValue(gradients, 0.5f);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal((i % 4) switch { 0 => float.NaN, 1 => -0.5f, 2 => 0.5f, _ => 0.25f }, gradients.Values[i]);
        }
    }

    [Fact]
    public void Limits_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("maxNorm", () => GradientClipping.ByGlobalNorm(FlatParameters.Of(1), float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>("maxValue", () => GradientClipping.ByValue(FlatParameters.Of(1), -1));
    }
}
