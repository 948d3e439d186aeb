using System.Numerics;

namespace RnnCodegen.Signal;

/// <summary>
/// Features as well-known libraries define them. Sizes may be changed with <c>with</c>; filters go with the transform's length.
/// </summary>
public static class FeatureKinds
{
    private static readonly double s_decibels = 10 / Math.Log(10);

    /// <summary>
    /// librosa.feature.melspectrogram (0.10 or later), in decibels as librosa.power_to_db(ref=1, top_db=None) has them.
    /// </summary>
    /// <param name="sampleRate">sr.</param>
    /// <param name="transformLength">n_fft, a power of two.</param>
    /// <param name="hop">hop_length.</param>
    /// <param name="bands">n_mels.</param>
    /// <param name="windowLength">win_length; n_fft where 0.</param>
    /// <param name="edges">center and pad_mode.</param>
    public static FeatureSettings LibrosaLogMel(
        int sampleRate = 22050, int transformLength = 2048, int hop = 512, int bands = 128, int windowLength = 0,
        FrameEdges edges = FrameEdges.CenteredZeros) => new()
    {
        Frames = new FrameLayout(transformLength, hop, edges),
        TransformLength = transformLength,
        WindowLength = windowLength == transformLength ? 0 : windowLength,
        Filters = MelFilters.Librosa(sampleRate, transformLength, bands),
        LogFloor = 1e-10,
        LogScale = s_decibels,
    };

    /// <summary>librosa.feature.mfcc, of decibels without top_db: the orthonormal DCT-II of <see cref="LibrosaLogMel"/>.</summary>
    /// <param name="sampleRate">sr.</param>
    /// <param name="coefficients">n_mfcc.</param>
    /// <param name="transformLength">n_fft, a power of two.</param>
    /// <param name="hop">hop_length.</param>
    /// <param name="bands">n_mels.</param>
    public static FeatureSettings LibrosaMfcc(
        int sampleRate = 22050, int coefficients = 20, int transformLength = 2048, int hop = 512, int bands = 128) =>
        LibrosaLogMel(sampleRate, transformLength, hop, bands) with { Coefficients = coefficients };

    /// <summary>Kaldi's compute-fbank-feats with dither 0: frames of 25 ms every 10 ms.</summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="bands">num-mel-bins.</param>
    public static FeatureSettings KaldiFilterBank(int sampleRate = 16000, int bands = 23)
    {
        var length = (int)(sampleRate * 0.025);
        var transform = (int)BitOperations.RoundUpToPowerOf2((uint)length);
        return new FeatureSettings
        {
            Frames = new FrameLayout(length, (int)(sampleRate * 0.01)),
            TransformLength = transform,
            Window = WindowShape.Povey,
            Gain = 32768,
            RemovesMean = true,
            PreEmphasis = 0.97,
            Filters = MelFilters.Kaldi(sampleRate, transform, bands),
            LogFloor = SingleEpsilon,
        };
    }

    /// <summary>Kaldi's compute-mfcc-feats with dither 0: cepstral lifter 22, the first value the frame's energy.</summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="coefficients">num-ceps.</param>
    /// <param name="bands">num-mel-bins.</param>
    public static FeatureSettings KaldiMfcc(int sampleRate = 16000, int coefficients = 13, int bands = 23) =>
        KaldiFilterBank(sampleRate, bands) with { Coefficients = coefficients, Lifter = 22, Energy = FrameEnergy.Samples };

    /// <summary>
    /// tf.signal: stft with its default window, magnitudes, linear_to_mel_weight_matrix, ln(x + 1e-6), as TensorFlow's guide has it.
    /// </summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="frame">frame_length.</param>
    /// <param name="hop">frame_step.</param>
    /// <param name="bands">num_mel_bins.</param>
    /// <param name="lowest">lower_edge_hertz.</param>
    /// <param name="highest">upper_edge_hertz.</param>
    public static FeatureSettings TensorFlowLogMel(
        int sampleRate = 16000, int frame = 1024, int hop = 256, int bands = 80, double lowest = 80, double highest = 7600)
    {
        var transform = (int)BitOperations.RoundUpToPowerOf2((uint)frame);
        return new FeatureSettings
        {
            Frames = new FrameLayout(frame, hop),
            TransformLength = transform,
            UsesMagnitude = true,
            Filters = MelFilters.TensorFlow(sampleRate, transform, bands, lowest, highest),
            LogFloor = 0,
            LogOffset = 1e-6,
        };
    }

    /// <summary>tf.signal.mfccs_from_log_mel_spectrograms of <see cref="TensorFlowLogMel"/>.</summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="coefficients">How many of the first are kept.</param>
    /// <param name="bands">num_mel_bins.</param>
    public static FeatureSettings TensorFlowMfcc(int sampleRate = 16000, int coefficients = 13, int bands = 80) =>
        TensorFlowLogMel(sampleRate, bands: bands) with { Coefficients = coefficients, Scale = CepstrumScale.TensorFlow };

    /// <summary>TensorFlow's ops AudioSpectrogram (squared magnitudes) and Mfcc, of the keyword-spotting tutorials.</summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="frame">window_size.</param>
    /// <param name="hop">stride.</param>
    /// <param name="coefficients">dct_coefficient_count.</param>
    /// <param name="bands">filterbank_channel_count.</param>
    /// <param name="lowest">lower_frequency_limit.</param>
    /// <param name="highest">upper_frequency_limit.</param>
    public static FeatureSettings TensorFlowOpMfcc(
        int sampleRate = 16000, int frame = 480, int hop = 160, int coefficients = 13, int bands = 40, double lowest = 20,
        double highest = 4000)
    {
        var transform = (int)BitOperations.RoundUpToPowerOf2((uint)frame);
        return new FeatureSettings
        {
            Frames = new FrameLayout(frame, hop),
            TransformLength = transform,
            UsesMagnitude = true,
            Filters = MelFilters.TensorFlowOp(sampleRate, transform, bands, lowest, highest),
            LogFloor = 1e-12,
            Coefficients = coefficients,
            Scale = CepstrumScale.TensorFlow,
        };
    }

    /// <summary>
    /// sonopy's MFCC as Precise's wake words take them: frames of 0.1 s every 0.05 s, of which the transform takes the start.
    /// </summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="coefficients">num_coeffs.</param>
    /// <param name="bands">num_filt.</param>
    public static FeatureSettings PreciseMfcc(int sampleRate = 16000, int coefficients = 13, int bands = 20)
    {
        const int Transform = 512;
        return new FeatureSettings
        {
            Frames = new FrameLayout(sampleRate / 10, sampleRate / 20),
            TransformLength = Transform,
            Window = WindowShape.Rectangular,
            SpectrumDivisor = Transform,
            Filters = MelFilters.Sonopy(sampleRate, Transform, bands),
            LogFloor = DoubleEpsilon,
            Coefficients = coefficients,
            Energy = FrameEnergy.Spectrum,
        };
    }

    // The distance from 1 to the next number.
    private const double SingleEpsilon = 1.1920928955078125e-7;
    private const double DoubleEpsilon = 2.220446049250313e-16;
}
