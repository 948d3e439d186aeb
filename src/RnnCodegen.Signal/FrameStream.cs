namespace RnnCodegen.Signal;

/// <summary>
/// Cuts a stream of samples into frames: each starts with the samples that it has in common with the one before. No allocation.
/// </summary>
public sealed class FrameStream
{
    private readonly float[] _samples;
    private readonly int _hop;
    private readonly int _context;
    private int _count;
    private long _skip;

    /// <param name="length">Samples of a frame L.</param>
    /// <param name="hop">Samples from one frame to the next H.</param>
    /// <param name="context">
    /// Zeros before the first sample, fewer than L: 0 for frames of the samples alone; L - H where each H samples make one frame, with
    /// those before for its context.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">L or H is not positive, or the context is not from 0 to L - 1.</exception>
    public FrameStream(int length, int hop, int context = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hop);
        ArgumentOutOfRangeException.ThrowIfNegative(context);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(context, length);
        (_samples, _hop, _context) = (new float[length], hop, context);
        Reset();
    }

    /// <summary>Samples of a frame L.</summary>
    public int Length => _samples.Length;

    /// <summary>Goes back to before the first sample.</summary>
    public void Reset()
    {
        Array.Clear(_samples);
        (_count, _skip) = (_context, 0);
    }

    /// <summary>Takes samples up to the end of the next frame.</summary>
    /// <param name="samples">New samples; what is taken is cut off.</param>
    /// <param name="frame">The frame, until the next call; empty where the samples do not suffice.</param>
    /// <returns>Whether there is a frame: call it again for the next one.</returns>
    public bool Next(ref ReadOnlySpan<float> samples, out ReadOnlySpan<float> frame)
    {
        if (_count == Length)
        {
            // The frame of the call before.
            var kept = Math.Max(0, Length - _hop);
            _samples.AsSpan(Length - kept).CopyTo(_samples);
            (_count, _skip) = (kept, Math.Max(0, _hop - Length));
        }

        var passed = (int)Math.Min(_skip, samples.Length);
        samples = samples[passed..];
        _skip -= passed;
        var taken = Math.Min(Length - _count, samples.Length);
        samples[..taken].CopyTo(_samples.AsSpan(_count));
        samples = samples[taken..];
        _count += taken;
        frame = _count == Length ? _samples : [];
        return _count == Length;
    }
}
