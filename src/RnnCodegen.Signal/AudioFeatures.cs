namespace RnnCodegen.Signal;

/// <summary>How rows of features are made of frames. <see cref="FeatureKinds"/> has those of well-known libraries.</summary>
public sealed record FeatureSettings
{
    /// <summary>How a clip is cut into frames.</summary>
    public required FrameLayout Frames { get; init; }

    /// <summary>Points of the transform N, a power of two.</summary>
    public required int TransformLength { get; init; }

    /// <summary>What a frame is multiplied by.</summary>
    public WindowShape Window { get; init; } = WindowShape.Hann;

    /// <summary>Samples of the window where it is shorter than the frame, in whose middle it then stands; 0 for the frame's.</summary>
    public int WindowLength { get; init; }

    /// <summary>What samples are multiplied by: 32,768 where the library reads 16-bit samples as whole numbers.</summary>
    public double Gain { get; init; } = 1;

    /// <summary>Whether the mean of a frame is taken off.</summary>
    public bool RemovesMean { get; init; }

    /// <summary>How much of the sample before is taken off each sample of a frame; the first has itself before.</summary>
    public double PreEmphasis { get; init; }

    /// <summary>Whether bands are of magnitudes |X|, not of powers |X|^2.</summary>
    public bool UsesMagnitude { get; init; }

    /// <summary>What the spectrum is divided by.</summary>
    public double SpectrumDivisor { get; init; } = 1;

    /// <summary>The bands; null for the spectrum itself.</summary>
    public MelFilters? Filters { get; init; }

    /// <summary>The least that a logarithm is taken of; null for no logarithm.</summary>
    public double? LogFloor { get; init; }

    /// <summary>Added before the logarithm.</summary>
    public double LogOffset { get; init; }

    /// <summary>What natural logarithms are multiplied by: 10 / ln 10 for decibels of a power.</summary>
    public double LogScale { get; init; } = 1;

    /// <summary>Coefficients of the cepstrum; 0 for the bands themselves.</summary>
    public int Coefficients { get; init; }

    /// <summary>Scale of the coefficients.</summary>
    public CepstrumScale Scale { get; init; }

    /// <summary>Q of the lifter 1 + Q / 2 sin(pi i / Q); 0 for none.</summary>
    public double Lifter { get; init; }

    /// <summary>What stands in place of the first value.</summary>
    public FrameEnergy Energy { get; init; }
}

/// <summary>What stands in place of the first coefficient.</summary>
public enum FrameEnergy
{
    /// <summary>Nothing: the coefficient stays.</summary>
    None,

    /// <summary>
    /// The logarithm of the sum of the samples' squares, after the mean is taken off and before all else: Kaldi's raw energy.
    /// </summary>
    Samples,

    /// <summary>The logarithm of the sum of the spectrum: sonopy's.</summary>
    Spectrum,
}

/// <summary>
/// Makes rows of features: of a clip, or frame by frame of a stream. One object serves one thread; rows of frames allocate nothing.
/// </summary>
public sealed class AudioFeatures
{
    private readonly FeatureSettings _settings;
    private readonly Spectrum _spectrum;
    private readonly Cepstrum? _cepstrum;
    private readonly float[] _samples;
    private readonly double[] _frame;
    private readonly double[] _bins;
    private readonly double[] _bands;

    /// <param name="settings">How rows are made.</param>
    /// <exception cref="ArgumentException">Settings do not fit each other; the message says which.</exception>
    public AudioFeatures(FeatureSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        var length = settings.Frames.Length;
        var window = settings.WindowLength == 0 ? length : settings.WindowLength;
        if (window > length)
        {
            throw new ArgumentException($"The window has {window} samples, more than the {length} of a frame.", nameof(settings));
        }

        _spectrum = new Spectrum(window, settings.TransformLength, settings.Window, isCentered: window < length);
        if (settings.Filters is { } filters && filters.Bins != _spectrum.Bins)
        {
            throw new ArgumentException(
                $"The filters are for spectra of {filters.Bins} bins; a transform of {settings.TransformLength} points has " +
                $"{_spectrum.Bins}.",
                nameof(settings));
        }

        (_samples, _frame, _bins) = (new float[length], new double[length], new double[_spectrum.Bins]);
        _bands = settings.Filters is null ? _bins : new double[settings.Filters.Count];
        if (settings.Coefficients < 0 || settings.Coefficients > _bands.Length)
        {
            throw new ArgumentException(
                $"There are {settings.Coefficients} coefficients; {_bands.Length} bands have as many at most.", nameof(settings));
        }

        _cepstrum = settings.Coefficients == 0
            ? null
            : new Cepstrum(_bands.Length, settings.Coefficients, settings.Scale, settings.Lifter);
    }

    /// <summary>Features of a row F.</summary>
    public int Width => _cepstrum is null ? _bands.Length : _settings.Coefficients;

    /// <summary>Rows of a clip T.</summary>
    /// <param name="samples">Samples of the clip.</param>
    public int Count(int samples) => _settings.Frames.Count(samples);

    /// <summary>Cuts a stream into frames of these features.</summary>
    /// <param name="context">Zeros before the first sample: <see cref="FrameStream(int, int, int)"/>.</param>
    public FrameStream CreateStream(int context = 0) => new(_settings.Frames.Length, _settings.Frames.Hop, context);

    /// <summary>The rows of a clip.</summary>
    /// <param name="clip">Samples from -1 to 1 [S].</param>
    /// <returns>Rows [T, F].</returns>
    public float[] Rows(ReadOnlySpan<float> clip)
    {
        var rows = new float[Count(clip.Length) * Width];
        for (var t = 0; t < rows.Length / Width; t++)
        {
            _settings.Frames.Copy(clip, t, _samples);
            Row(_samples, rows.AsSpan(t * Width, Width));
        }

        return rows;
    }

    /// <summary>The row of a frame.</summary>
    /// <param name="frame">The frame's samples [L].</param>
    /// <param name="row">Receives the features [F].</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Row(ReadOnlySpan<float> frame, Span<float> row)
    {
        if (frame.Length != _frame.Length || row.Length != Width)
        {
            throw new ArgumentException(
                $"The spans have {frame.Length} and {row.Length} values; expected {_frame.Length} samples and {Width} features.");
        }

        var energy = Prepare(frame);
        var first = (_frame.Length - _spectrum.Length) / 2;
        _spectrum.Power(_frame.AsSpan(first, _spectrum.Length), _bins);
        for (var k = 0; k < _bins.Length; k++)
        {
            _bins[k] = (_settings.UsesMagnitude ? Math.Sqrt(_bins[k]) : _bins[k]) / _settings.SpectrumDivisor;
        }

        energy = _settings.Energy == FrameEnergy.Spectrum ? Log(Sum(_bins)) : energy;
        _settings.Filters?.Apply(_bins, _bands);
        if (_settings.LogFloor is not null)
        {
            for (var m = 0; m < _bands.Length; m++)
            {
                _bands[m] = _settings.LogScale * Log(_bands[m]);
            }
        }

        if (_cepstrum is not null)
        {
            _cepstrum.Apply(_bands, row);
        }
        else
        {
            for (var m = 0; m < row.Length; m++)
            {
                row[m] = (float)_bands[m];
            }
        }

        if (_settings.Energy != FrameEnergy.None)
        {
            row[0] = (float)energy;
        }
    }

    /// <summary>Takes a frame's mean off and emphasizes it.</summary>
    /// <returns>The logarithm of its energy.</returns>
    private double Prepare(ReadOnlySpan<float> frame)
    {
        var mean = 0.0;
        for (var n = 0; n < frame.Length; n++)
        {
            _frame[n] = frame[n] * _settings.Gain;
            mean += _frame[n];
        }

        mean = _settings.RemovesMean ? mean / frame.Length : 0;
        var energy = 0.0;
        for (var n = 0; n < _frame.Length; n++)
        {
            _frame[n] -= mean;
            energy += _frame[n] * _frame[n];
        }

        for (var n = _frame.Length - 1; n >= 0 && _settings.PreEmphasis != 0; n--)
        {
            _frame[n] -= _settings.PreEmphasis * _frame[Math.Max(0, n - 1)];
        }

        return _settings.Energy == FrameEnergy.Samples ? Log(energy) : 0;
    }

    private double Log(double value) => Math.Log(Math.Max(value + _settings.LogOffset, _settings.LogFloor ?? 0));

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }
}
