namespace RnnCodegen.Signal;

/// <summary>How a clip is cut into frames.</summary>
/// <param name="Length">Samples of a frame L.</param>
/// <param name="Hop">Samples from one frame to the next H.</param>
/// <param name="Edges">Which frames there are at the clip's edges.</param>
public sealed record FrameLayout(int Length, int Hop, FrameEdges Edges = FrameEdges.Inside)
{
    /// <summary>Samples of a frame L.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public int Length { get; init; } = Positive(Length, nameof(Length));

    /// <summary>Samples from one frame to the next H.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public int Hop { get; init; } = Positive(Hop, nameof(Hop));

    /// <summary>Frames of a clip.</summary>
    /// <param name="samples">Samples of the clip S, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">S is negative.</exception>
    public int Count(int samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        return Edges switch
        {
            FrameEdges.Inside => samples < Length ? 0 : 1 + ((samples - Length) / Hop),
            FrameEdges.HopCenteredReflect => (int)((samples + ((long)Hop / 2)) / Hop),
            _ => samples == 0 ? 0 : 1 + ((samples - (Length % 2)) / Hop),
        };
    }

    /// <summary>Copies a frame out of a clip.</summary>
    /// <param name="clip">The clip [S].</param>
    /// <param name="frame">Which, from 0 on.</param>
    /// <param name="samples">Receives it [L].</param>
    /// <exception cref="ArgumentOutOfRangeException">The clip has no such frame.</exception>
    /// <exception cref="ArgumentException">There is no room for a frame, or the clip is too short to be mirrored.</exception>
    public void Copy(ReadOnlySpan<float> clip, int frame, Span<float> samples)
    {
        if (frame < 0 || frame >= Count(clip.Length))
        {
            throw new ArgumentOutOfRangeException(
                nameof(frame), frame, $"A clip of {clip.Length} samples has {Count(clip.Length)} frames of {Length} every {Hop}.");
        }

        if (samples.Length != Length)
        {
            throw new ArgumentException($"The span has {samples.Length} values; a frame has {Length}.", nameof(samples));
        }

        if (Edges == FrameEdges.CenteredReflect && clip.Length <= Length / 2)
        {
            throw new ArgumentException(
                $"The clip has {clip.Length} samples, and mirroring needs more than {Length / 2}: pad it, or use CenteredZeros.",
                nameof(clip));
        }

        var first = First(frame);
        for (var n = 0; n < Length; n++)
        {
            var at = Source(first + n, clip.Length);
            samples[n] = at < 0 ? 0 : clip[at];
        }
    }

    private long First(int frame) => ((long)frame * Hop) - Edges switch
    {
        FrameEdges.Inside => 0,
        FrameEdges.HopCenteredReflect => (Length / 2) - (Hop / 2),
        _ => Length / 2,
    };

    /// <summary>Where a sample is taken from; negative for a zero.</summary>
    private int Source(long at, int length)
    {
        if (at >= 0 && at < length)
        {
            return (int)at;
        }

        switch (Edges)
        {
            case FrameEdges.CenteredReflect:
                return (int)(at < 0 ? -at : (2L * (length - 1)) - at);
            case FrameEdges.HopCenteredReflect:
                while (at < 0 || at >= length)
                {
                    at = at < 0 ? -at - 1 : (2L * length) - 1 - at;
                }

                return (int)at;
            default:
                return -1;
        }
    }

    private static int Positive(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, name);
        return value;
    }
}
