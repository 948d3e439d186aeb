namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Computed values beside the published ones.</summary>
/// <param name="What">What they are, e.g. "h".</param>
/// <param name="Actual">What the generated code gave.</param>
/// <param name="Expected">What is published.</param>
internal sealed record Comparison(string What, float[] Actual, double[] Expected)
{
    public Comparison(string what, float[] actual, float[] expected)
        : this(what, actual, Array.ConvertAll(expected, v => (double)v))
    {
    }

    /// <summary>
    /// The largest |actual - expected| / max(1, |expected|): absolute up to 1, relative above, as float32 rounds. Infinite where a value is
    /// not finite or their numbers differ, so that neither passes for near.
    /// </summary>
    public double Largest
    {
        get
        {
            if (Actual.Length != Expected.Length || Actual.Length == 0)
            {
                return double.PositiveInfinity;
            }

            var largest = 0.0;
            for (var i = 0; i < Actual.Length; i++)
            {
                var difference = Math.Abs(Actual[i] - Expected[i]) / Math.Max(1, Math.Abs(Expected[i]));
                largest = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(largest, difference);
            }

            return largest;
        }
    }
}
