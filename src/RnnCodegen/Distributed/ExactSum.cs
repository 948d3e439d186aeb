namespace RnnCodegen;

/// <summary>
/// Doubles as floats whose sums are exact, so that counts and losses travel in one buffer with gradients: a number is cut into digits of 12
/// bits at fixed places from 2^-128 to 2^160, and up to 4096 such digits add up in a float without rounding, in any order.
/// </summary>
internal static class ExactSum
{
    /// <summary>Floats a number takes.</summary>
    public const int Digits = 24;

    private const int Bits = 12;
    private const double Base = 1 << Bits;

    // What the highest digit counts, 2^(12 * 24 - 12 - 128).
    private const int HighestExponent = (Bits * (Digits - 1)) - 128;

    /// <summary>Cuts a number into digits, each with the number's sign. What is too large, or no number, becomes NaN in its sum.</summary>
    public static void Split(double value, Span<float> digits)
    {
        var scaled = Math.ScaleB(value, -HighestExponent);
        if (!(Math.Abs(scaled) < Base))
        {
            digits[..Digits].Fill(float.NaN);
            return;
        }

        for (var i = 0; i < Digits; i++)
        {
            var digit = Math.Truncate(scaled);
            digits[i] = (float)digit;
            scaled = (scaled - digit) * Base;
        }
    }

    /// <summary>The number whose digits these are, once they were added up.</summary>
    public static double Join(ReadOnlySpan<float> digits)
    {
        // From the lowest, so that little is rounded away before it can carry.
        var sum = 0.0;
        for (var i = Digits - 1; i >= 0; i--)
        {
            sum = (sum / Base) + digits[i];
        }

        return Math.ScaleB(sum, HighestExponent);
    }
}
