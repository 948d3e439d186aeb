using System.Diagnostics;
using RnnCodegen;

namespace AmpModel;

/// <summary>Plays sound through the amplifier as a sound card asks for it, block by block. A block allocates nothing.</summary>
sealed class Player(Amplifier model) : IDisposable
{
    /// <summary>Samples of a block.</summary>
    public const int Block = 64;

    private readonly ModelStream _stream = model.CreateStream();

    /// <summary>Plays a block, or less.</summary>
    public void Play(ReadOnlySpan<float> dry, Span<float> wet)
    {
        for (var n = 0; n < dry.Length; n++)
        {
            _stream.Step(dry.Slice(n, 1), wet.Slice(n, 1));
        }
    }

    /// <summary>Plays a recording.</summary>
    public static (float[] Wet, Timing Timing) PlayAll(Amplifier model, float[] dry, int rate)
    {
        using var player = new Player(model);
        var wet = new float[dry.Length];
        var times = new long[(dry.Length + Block - 1) / Block];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var block = 0; block < times.Length; block++)
        {
            var range = (block * Block)..Math.Min((block + 1) * Block, dry.Length);
            var begin = Stopwatch.GetTimestamp();
            player.Play(dry.AsSpan(range), wet.AsSpan(range));
            times[block] = Stopwatch.GetTimestamp() - begin;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(times);
        return (wet, new(
            (double)dry.Length / rate / Stopwatch.GetElapsedTime(0, times.Sum()).TotalSeconds, Milliseconds(times[^1]),
            Milliseconds(times[times.Length * 999 / 1000]), 1000.0 * Block / rate, allocated));

        static double Milliseconds(long ticks) => Stopwatch.GetElapsedTime(0, ticks).TotalMilliseconds;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}

/// <summary>How fast a recording was played.</summary>
/// <param name="RealTime">Seconds of sound a second.</param>
/// <param name="WorstBlock">Time of the slowest block, ms.</param>
/// <param name="MostBlocks">What 99.9 % of the blocks need at most, ms.</param>
/// <param name="BlockLength">What a block lasts, ms.</param>
/// <param name="Allocated">Bytes that were allocated meanwhile.</param>
sealed record Timing(double RealTime, double WorstBlock, double MostBlocks, double BlockLength, long Allocated);
