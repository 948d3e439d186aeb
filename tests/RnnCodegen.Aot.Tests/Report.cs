using System.Globalization;
using System.Runtime.InteropServices;

namespace RnnCodegen.Aot.Tests;

/// <summary>Prints comparisons and counts those that fail.</summary>
sealed class Report(string subject)
{
    /// <summary>Comparisons that failed.</summary>
    public int Failures { get; private set; }

    /// <summary>Fails unless what is claimed holds.</summary>
    public void Require(string what, bool holds)
    {
        Failures += holds ? 0 : 1;
        Console.WriteLine($"{(holds ? "ok    " : "FAILED")} {subject}: {what}");
    }

    /// <summary>Fails if a value is farther than the tolerance from the one expected, or not a number.</summary>
    public void Compare(string what, float[] actual, double[] expected, double tolerance)
    {
        var differences = actual.Zip(expected, (a, e) => Math.Abs(a - e)).ToArray();
        var good = actual.Length == expected.Length && differences.All(difference => difference <= tolerance); // false for NaN
        Require(Text($"{what}: largest difference {differences.Max():0.0e+00}, allowed {tolerance:0.0e+00}"), good);
    }

    /// <summary>Fails if a value is not below the limit, or not a number.</summary>
    public void Below(string what, double value, double limit) => Require(Text($"{what}: {value:0.000}, allowed below {limit:0.000}"),
        value < limit);

    /// <summary>Fails if a bit differs.</summary>
    public void Equal<T>(string what, ReadOnlySpan<T> actual, ReadOnlySpan<T> expected)
        where T : unmanaged =>
        Require(
            Text($"{what}: the same {expected.Length} values to the bit"),
            MemoryMarshal.AsBytes(actual).SequenceEqual(MemoryMarshal.AsBytes(expected)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
