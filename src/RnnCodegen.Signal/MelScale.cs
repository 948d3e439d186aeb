namespace RnnCodegen.Signal;

/// <summary>A scale of pitch.</summary>
public enum MelScale
{
    /// <summary>1127 ln(1 + f / 700): HTK's, Kaldi's and TensorFlow's.</summary>
    Htk,

    /// <summary>Linear up to 1,000 Hz and logarithmic above: Slaney's, librosa's where htk is not set.</summary>
    Slaney,
}

/// <summary>Converts between hertz and mel.</summary>
internal static class Mel
{
    private const double LinearStep = 200.0 / 3;
    private const double FirstLogHertz = 1000;
    private const double FirstLogMel = FirstLogHertz / LinearStep;
    private static readonly double s_logStep = Math.Log(6.4) / 27;

    public static double OfHertz(MelScale scale, double hertz) => scale == MelScale.Htk ? 1127 * Math.Log(1 + (hertz / 700))
        : hertz < FirstLogHertz ? hertz / LinearStep
        : FirstLogMel + (Math.Log(hertz / FirstLogHertz) / s_logStep);

    public static double ToHertz(MelScale scale, double mel) => scale == MelScale.Htk ? 700 * (Math.Exp(mel / 1127) - 1)
        : mel < FirstLogMel ? mel * LinearStep
        : FirstLogHertz * Math.Exp(s_logStep * (mel - FirstLogMel));

    /// <summary>Points that are equally far from one another in mel, both ends among them.</summary>
    public static double[] Grid(MelScale scale, double lowest, double highest, int points)
    {
        var (first, last) = (OfHertz(scale, lowest), OfHertz(scale, highest));
        return [.. Enumerable.Range(0, points).Select(i => first + ((last - first) * i / (points - 1)))];
    }
}
