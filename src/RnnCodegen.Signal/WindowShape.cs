namespace RnnCodegen.Signal;

/// <summary>What a frame is multiplied by before its transform. N is the frame's length, n runs from 0 to N - 1.</summary>
public enum WindowShape
{
    /// <summary>1.</summary>
    Rectangular,

    /// <summary>0.5 - 0.5 cos(2 pi n / N): the periodic window of librosa's, TensorFlow's and PyTorch's STFT.</summary>
    Hann,

    /// <summary>0.5 - 0.5 cos(2 pi n / (N - 1)): the symmetric window.</summary>
    HannSymmetric,

    /// <summary>0.54 - 0.46 cos(2 pi n / (N - 1)).</summary>
    Hamming,

    /// <summary>The symmetric Hann window to the power of 0.85: Kaldi's.</summary>
    Povey,
}

/// <summary>Makes windows.</summary>
internal static class Windows
{
    public static double[] Create(WindowShape shape, int length) =>
        [.. Enumerable.Range(0, length).Select(n => length == 1 ? 1 : shape switch
        {
            WindowShape.Rectangular => 1,
            WindowShape.Hann => Raised(0.5, n, length),
            WindowShape.HannSymmetric => Raised(0.5, n, length - 1),
            WindowShape.Hamming => Raised(0.54, n, length - 1),
            WindowShape.Povey => Math.Pow(Raised(0.5, n, length - 1), 0.85),
            _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "There is no such window."),
        })];

    private static double Raised(double mean, int n, int period) => mean - ((1 - mean) * Math.Cos(2 * Math.PI * n / period));
}
