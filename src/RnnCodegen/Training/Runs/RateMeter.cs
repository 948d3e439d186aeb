using System.Diagnostics;

namespace RnnCodegen;

/// <summary>How fast samples went through the last updates.</summary>
internal sealed class RateMeter
{
    /// <summary>Updates that the rate is over.</summary>
    public const int Window = 32;

    private readonly long[] _samples = new long[Window];
    private readonly long[] _ticks = new long[Window];
    private int _next;

    /// <summary>Samples a second; 0 before the first update.</summary>
    public double PerSecond
    {
        get
        {
            // Summed anew each time, so that nothing is left of what has gone by.
            var (samples, ticks) = (0L, 0L);
            for (var i = 0; i < Window; i++)
            {
                (samples, ticks) = (samples + _samples[i], ticks + _ticks[i]);
            }

            return samples == 0 ? 0 : (double)samples * Stopwatch.Frequency / Math.Max(1, ticks);
        }
    }

    /// <summary>Notes an update.</summary>
    /// <param name="samples">How many samples it was made of.</param>
    /// <param name="ticks">How long it took, in units of <see cref="Stopwatch.Frequency"/>.</param>
    public void Add(long samples, long ticks)
    {
        (_samples[_next], _ticks[_next]) = (samples, ticks);
        _next = (_next + 1) % Window;
    }
}
