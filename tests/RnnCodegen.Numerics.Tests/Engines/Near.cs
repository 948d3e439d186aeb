using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>How results are compared, with the project's tolerances.</summary>
internal static class Near
{
    /// <summary>max |a - b| &lt;= 2e-6 max(1, max |b|) over a whole tensor.</summary>
    public static void Forward(string what, ReadOnlySpan<float> actual, ReadOnlySpan<double> expected) =>
        Require(what, actual, expected, 2e-6 * Math.Max(1, Largest(expected)));

    /// <summary>max |a - b| &lt;= 1e-5 max |b| over a whole tensor; so a gradient that is 0 must be exactly 0.</summary>
    public static void Gradient(string what, ReadOnlySpan<float> actual, ReadOnlySpan<double> expected) =>
        Gradient(what, actual, expected, 0);

    /// <summary>The same, but smaller tensors are held to what is right for one of a given size.</summary>
    public static void Gradient(string what, ReadOnlySpan<float> actual, ReadOnlySpan<double> expected, double least) =>
        Require(what, actual, expected, 1e-5 * Math.Max(least, Largest(expected)));

    /// <summary>Equal in every bit.</summary>
    public static void Same(string what, ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        var length = actual.CommonPrefixLength(expected);
        if (length < expected.Length || actual.Length != expected.Length)
        {
            Assert.Fail($"{what}: [{length}] of {actual.Length} is {At(actual, length)}, expected {At(expected, length)}.");
        }
    }

    private static string At(ReadOnlySpan<float> values, int index) => index < values.Length ? $"{values[index]:R}" : "absent";

    private static void Require(string what, ReadOnlySpan<float> actual, ReadOnlySpan<double> expected, double tolerance)
    {
        Assert.True(actual.Length == expected.Length, $"{what}: {actual.Length} values, expected {expected.Length}.");
        var (worst, wrong) = (0, 0);
        for (var i = 0; i < actual.Length; i++)
        {
            wrong += Error(actual[i], expected[i]) <= tolerance ? 0 : 1;
            worst = Error(actual[i], expected[i]) > Error(actual[worst], expected[worst]) ? i : worst;
        }

        if (wrong > 0)
        {
            Assert.Fail(
                $"{what}: {wrong} of {actual.Length} are wrong; worst is [{worst}] = {actual[worst]:R}, " +
                $"expected {expected[worst]:R} within {tolerance:E1}.");
        }
    }

    private static double Error(float actual, double expected) => float.IsNaN(actual)
        ? double.PositiveInfinity
        : Math.Abs(actual - expected);

    public static double Largest(ReadOnlySpan<double> values)
    {
        var largest = 0.0;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }
}
