using System.Globalization;

namespace RnnCodegen;

/// <summary>What a value may differ from a golden one by: absolute + relative |golden|, as in NumPy's <c>allclose</c>.</summary>
/// <param name="Absolute">The difference that always passes.</param>
/// <param name="Relative">What passes beyond it, as a part of the golden value.</param>
internal readonly record struct GoldenTolerance(double Absolute, double Relative)
{
    /// <summary>What a golden value may be missed by.</summary>
    public double At(float golden) => Absolute + (Relative * Math.Abs((double)golden));

    /// <summary>The absolute difference; infinite where there is none.</summary>
    public static double Difference(float expected, float actual)
    {
        var difference = Math.Abs((double)actual - expected);
        return double.IsNaN(difference) ? double.PositiveInfinity : difference;
    }

    /// <summary>Both, as the sum they stand for.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Absolute:G3}{(Relative == 0 ? "" : $" + {Relative:G3} |expected|")}");
}
