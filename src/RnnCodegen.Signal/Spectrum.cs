using System.Numerics;
using NWaves.Transforms;

namespace RnnCodegen.Signal;

/// <summary>The discrete Fourier transform of real frames, in double precision. One object serves one thread; no call allocates.</summary>
public sealed class Spectrum
{
    private readonly RealFft64 _transform;
    private readonly double[] _window;
    private readonly double[] _frame;
    private readonly double[] _real;
    private readonly double[] _imaginary;
    private readonly int _before;

    /// <param name="length">Samples of a frame L.</param>
    /// <param name="transformLength">Points of the transform N, a power of two, 2 or more; a shorter frame has zeros after it, of a longer
    /// one the first N samples are taken.</param>
    /// <param name="window">What the frame is multiplied by.</param>
    /// <param name="isCentered">Whether the zeros of a shorter frame stand on both sides of it, as librosa has them.</param>
    /// <exception cref="ArgumentOutOfRangeException">L is not positive, or N not a power of two of 2 or more.</exception>
    public Spectrum(int length, int transformLength, WindowShape window, bool isCentered = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (transformLength < 2 || !BitOperations.IsPow2(transformLength))
        {
            throw new ArgumentOutOfRangeException(
                nameof(transformLength), transformLength,
                $"The transform is of a power of two: {Math.Max(2, BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, transformLength)))} " +
                "is the next.");
        }

        (Length, Bins, _window) = (length, (transformLength / 2) + 1, Windows.Create(window, length));
        _transform = new RealFft64(transformLength);
        (_frame, _real, _imaginary) = (new double[transformLength], new double[Bins], new double[Bins]);
        _before = isCentered ? Math.Max(0, (transformLength - length) / 2) : 0;
    }

    /// <summary>Samples of a frame L.</summary>
    public int Length { get; }

    /// <summary>Values of a spectrum: N / 2 + 1.</summary>
    public int Bins { get; }

    /// <summary>Real and imaginary part of each bin, of the last frame.</summary>
    public (ReadOnlyMemory<double> Real, ReadOnlyMemory<double> Imaginary) Parts => (_real, _imaginary);

    /// <summary>|X|^2.</summary>
    /// <param name="frame">The frame [L].</param>
    /// <param name="power">Receives it [N / 2 + 1].</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Power(ReadOnlySpan<double> frame, Span<double> power)
    {
        Require(frame.Length, Length, nameof(frame));
        Require(power.Length, Bins, nameof(power));
        var used = Math.Min(Length, _frame.Length);
        Array.Clear(_frame);
        for (var n = 0; n < used; n++)
        {
            _frame[_before + n] = frame[n] * _window[n];
        }

        _transform.Direct(_frame, _real, _imaginary);
        for (var k = 0; k < Bins; k++)
        {
            power[k] = (_real[k] * _real[k]) + (_imaginary[k] * _imaginary[k]);
        }
    }

    /// <summary>|X|.</summary>
    /// <param name="frame">The frame [L].</param>
    /// <param name="magnitude">Receives it [N / 2 + 1].</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Magnitude(ReadOnlySpan<double> frame, Span<double> magnitude)
    {
        Power(frame, magnitude);
        for (var k = 0; k < Bins; k++)
        {
            magnitude[k] = Math.Sqrt(magnitude[k]);
        }
    }

    /// <summary>The frame whose spectrum is the last one, each bin times a factor: a mask of a noise suppressor.</summary>
    /// <param name="factors">A factor for each bin [N / 2 + 1].</param>
    /// <param name="samples">Receives the samples [N], window and zeros included.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Restore(ReadOnlySpan<float> factors, Span<float> samples)
    {
        Require(factors.Length, Bins, nameof(factors));
        Require(samples.Length, _frame.Length, nameof(samples));
        for (var k = 0; k < Bins; k++)
        {
            (_real[k], _imaginary[k]) = (_real[k] * factors[k], _imaginary[k] * factors[k]);
        }

        _transform.InverseNorm(_real, _imaginary, _frame);
        for (var n = 0; n < samples.Length; n++)
        {
            samples[n] = (float)_frame[n];
        }
    }

    private static void Require(int length, int expected, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"The span has {length} values; expected {expected}.", name);
        }
    }
}
