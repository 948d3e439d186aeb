namespace RnnCodegen.Signal;

/// <summary>Triangles over the bins of a spectrum, whose centers are equally far from one another in mel.</summary>
public sealed class MelFilters
{
    private readonly (int First, double[] Weights)[] _bands;

    private MelFilters(int bins, IEnumerable<double[]> bands)
    {
        Bins = bins;
        _bands = [.. bands.Select(Narrow)];
    }

    /// <summary>Bins of a spectrum: N / 2 + 1.</summary>
    public int Bins { get; }

    /// <summary>Bands M.</summary>
    public int Count => _bands.Length;

    /// <summary>
    /// librosa.filters.mel: triangles in hertz; with <paramref name="isNormalized"/> each by 2 / its width, librosa's norm='slaney'.
    /// </summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="transformLength">Points of the transform N.</param>
    /// <param name="bands">Bands M.</param>
    /// <param name="lowest">Where the first band starts, in hertz.</param>
    /// <param name="highest">Where the last band ends, in hertz; half the sample rate where null.</param>
    /// <param name="scale">The scale; librosa's htk=True is <see cref="MelScale.Htk"/>.</param>
    /// <param name="isNormalized">Whether all bands have the same area.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no bands, or they do not rise from 0 Hz on to half the rate.</exception>
    public static MelFilters Librosa(
        int sampleRate, int transformLength, int bands, double lowest = 0, double? highest = null, MelScale scale = MelScale.Slaney,
        bool isNormalized = true)
    {
        var end = Require(sampleRate, bands, lowest, highest);
        double[] edges = [.. Mel.Grid(scale, lowest, end, bands + 2).Select(m => Mel.ToHertz(scale, m))];
        return new MelFilters((transformLength / 2) + 1, Enumerable.Range(0, bands).Select(band => BinsOf(transformLength).Select(k =>
            Triangle((double)k * sampleRate / transformLength, edges, band) *
                (isNormalized ? 2 / (edges[band + 2] - edges[band]) : 1)).ToArray()));
    }

    /// <summary>Kaldi's: triangles in mel, the last bin left out.</summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="transformLength">Points of the transform N.</param>
    /// <param name="bands">Bands M.</param>
    /// <param name="lowest">Where the first band starts, in hertz.</param>
    /// <param name="highest">Where the last band ends, in hertz; half the sample rate where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no bands, or they do not rise from 0 Hz on to half the rate.</exception>
    public static MelFilters Kaldi(int sampleRate, int transformLength, int bands, double lowest = 20, double? highest = null) =>
        InMel(sampleRate, transformLength, bands, lowest, highest, k => k < transformLength / 2);

    /// <summary>tf.signal.linear_to_mel_weight_matrix: triangles in mel, the bin of 0 Hz left out.</summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="transformLength">Points of the transform N.</param>
    /// <param name="bands">Bands M.</param>
    /// <param name="lowest">Where the first band starts, in hertz.</param>
    /// <param name="highest">Where the last band ends, in hertz; half the sample rate where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no bands, or they do not rise from 0 Hz on to half the rate.</exception>
    public static MelFilters TensorFlow(int sampleRate, int transformLength, int bands, double lowest = 125, double? highest = 3800) =>
        InMel(sampleRate, transformLength, bands, lowest, highest, k => k > 0);

    /// <summary>
    /// The filters of TensorFlow's op Mfcc (tf.raw_ops.Mfcc, audio_ops), which many keyword spotters were trained with: triangles in mel
    /// over the bins from round(lowest) to floor(highest).
    /// </summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="transformLength">Points of the transform N.</param>
    /// <param name="bands">Bands M.</param>
    /// <param name="lowest">Where the first band starts, in hertz.</param>
    /// <param name="highest">Where the last band ends, in hertz; half the sample rate where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no bands, or they do not rise from 0 Hz on to half the rate.</exception>
    public static MelFilters TensorFlowOp(int sampleRate, int transformLength, int bands, double lowest = 20, double? highest = 4000)
    {
        var step = (double)sampleRate / transformLength;
        var (first, last) = ((int)(1.5 + (lowest / step)), (int)((highest ?? sampleRate / 2.0) / step));
        return InMel(sampleRate, transformLength, bands, lowest, highest, k => k >= first && k <= last);
    }

    /// <summary>
    /// sonopy's, which Precise's wake words were trained with: triangles whose corners are whole bins, at least one apart, up to the sample
    /// rate as sonopy counts it.
    /// </summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="transformLength">Points of the transform N.</param>
    /// <param name="bands">Bands M.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no bands, or more than fit the bins.</exception>
    public static MelFilters Sonopy(int sampleRate, int transformLength, int bands)
    {
        _ = Require(sampleRate, bands, 0, null);
        var bins = (transformLength / 2) + 1;
        int[] corners = [.. Mel.Grid(MelScale.Htk, 0, sampleRate, bands + 2)
            .Select(m => (int)(Mel.ToHertz(MelScale.Htk, m) * bins / sampleRate))];
        var (moved, previous) = (0, corners[0] - 1);
        for (var i = 0; i < corners.Length; i++)
        {
            var corner = corners[i];
            moved = Math.Max(0, moved + previous + 1 - corner);
            (corners[i], previous) = (corner + moved, corner);
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(corners[^1], bins, nameof(bands));
        return new MelFilters(bins, Enumerable.Range(0, bands).Select(band =>
        {
            var (left, middle, right) = (corners[band], corners[band + 1], corners[band + 2]);
            return BinsOf(transformLength).Select(k => k < left || k >= right ? 0
                : k < middle ? (double)(k - left) / (middle - left) : 1 - ((double)(k - middle) / (right - middle))).ToArray();
        }));
    }

    /// <summary>The energy of each band.</summary>
    /// <param name="spectrum">A spectrum [N / 2 + 1].</param>
    /// <param name="energies">Receives them [M].</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Apply(ReadOnlySpan<double> spectrum, Span<double> energies)
    {
        if (spectrum.Length != Bins || energies.Length != Count)
        {
            throw new ArgumentException($"The spans have {spectrum.Length} and {energies.Length} values; expected {Bins} and {Count}.");
        }

        for (var band = 0; band < _bands.Length; band++)
        {
            var (first, weights) = _bands[band];
            var sum = 0.0;
            for (var k = 0; k < weights.Length; k++)
            {
                sum += weights[k] * spectrum[first + k];
            }

            energies[band] = sum;
        }
    }

    /// <summary>The weight of a bin in a band.</summary>
    /// <param name="band">The band.</param>
    /// <param name="bin">The bin.</param>
    public double this[int band, int bin]
    {
        get
        {
            var (first, weights) = _bands[band];
            return bin < first || bin >= first + weights.Length ? 0 : weights[bin - first];
        }
    }

    private static MelFilters InMel(
        int sampleRate, int transformLength, int bands, double lowest, double? highest, Func<int, bool> isUsed)
    {
        var end = Require(sampleRate, bands, lowest, highest);
        var edges = Mel.Grid(MelScale.Htk, lowest, end, bands + 2);
        return new MelFilters((transformLength / 2) + 1, Enumerable.Range(0, bands).Select(band => BinsOf(transformLength).Select(k =>
            isUsed(k) ? Triangle(Mel.OfHertz(MelScale.Htk, (double)k * sampleRate / transformLength), edges, band) : 0).ToArray()));
    }

    private static double Triangle(double at, double[] edges, int band) => Math.Max(0, Math.Min(
        (at - edges[band]) / (edges[band + 1] - edges[band]), (edges[band + 2] - at) / (edges[band + 2] - edges[band + 1])));

    private static IEnumerable<int> BinsOf(int transformLength) => Enumerable.Range(0, (transformLength / 2) + 1);

    private static double Require(int sampleRate, int bands, double lowest, double? highest)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bands);
        var end = highest ?? sampleRate / 2.0;
        return lowest >= 0 && lowest < end && end <= sampleRate / 2.0
            ? end
            : throw new ArgumentOutOfRangeException(
                nameof(highest), end, $"Bands rise from {lowest} Hz to at most half the sample rate, {sampleRate / 2.0} Hz.");
    }

    /// <summary>A band without the zeros around it.</summary>
    private static (int First, double[] Weights) Narrow(double[] band)
    {
        var first = Array.FindIndex(band, w => w != 0);
        return first < 0 ? (0, []) : (first, band[first..(Array.FindLastIndex(band, w => w != 0) + 1)]);
    }
}
