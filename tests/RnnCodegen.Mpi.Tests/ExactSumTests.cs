using Xunit;

namespace RnnCodegen.Ranks.Tests;

public sealed class ExactSumTests
{
    [Fact]
    public void Digits_add_up_to_the_sum_in_any_order()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 200; trial++)
        {
            var terms = Enumerable.Range(0, random.Next(1, 300))
                .Select(_ => (random.NextDouble() - 0.3) * Math.Pow(2, random.Next(-40, 60))).ToArray();
            var exact = terms.OrderBy(Math.Abs).Sum();
            var digits = new float[ExactSum.Digits];
            var one = new float[ExactSum.Digits];
            foreach (var term in terms)
            {
                ExactSum.Split(term, one);
                Assert.Equal(term, ExactSum.Join(one));
                for (var i = 0; i < digits.Length; i++)
                {
                    digits[i] += one[i];
                }
            }

            Assert.Equal(exact, ExactSum.Join(digits), Math.Abs(exact) * 1e-13 + (terms.Max(Math.Abs) * 1e-14));
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(-123456789.0)]
    [InlineData(3.4e38)]
    [InlineData(1e-30)]
    public void A_number_keeps_its_bits(double value)
    {
        var digits = new float[ExactSum.Digits];
        ExactSum.Split(value, digits);
        Assert.Equal(value, ExactSum.Join(digits), Math.Abs(value) * 1e-8);
        if (Math.Abs(value) is 0 or > 1e-20)
        {
            Assert.Equal(value, ExactSum.Join(digits));
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e60)]
    public void What_is_no_number_or_too_large_stays_no_number(double value)
    {
        var digits = new float[ExactSum.Digits];
        ExactSum.Split(value, digits);
        Assert.True(double.IsNaN(ExactSum.Join(digits)));
    }
}
