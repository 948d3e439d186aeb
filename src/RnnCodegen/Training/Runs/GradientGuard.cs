using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>
/// Watches over losses, gradients and weights: finds the place where a number stopped being finite, and says when a gradient's norm is far
/// above those before it.
/// </summary>
/// <param name="alarm">How many times the median is too large.</param>
/// <param name="clipNorm">The norm gradients are clipped to, up to which none is too large; infinity where they are not clipped.</param>
internal sealed class GradientGuard(float alarm, float clipNorm = float.PositiveInfinity)
{
    /// <summary>Norms that the median is taken over.</summary>
    public const int Window = 64;

    /// <summary>Norms that must be known before any can be called too large.</summary>
    private const int Least = 16;

    private readonly float[] _norms = new float[Window];

    /// <summary>The last norms, in a ring.</summary>
    public ReadOnlyMemory<float> Norms => _norms;

    /// <summary>Norms seen so far.</summary>
    public int Count { get; private set; }

    /// <summary>Notes a norm; returns whether it is more than so many times the median of the 64 before it, and would be clipped.</summary>
    public bool IsExploding(float norm)
    {
        var known = Math.Min(Count, Window);

        // Where all was 0 anything is many times as much.
        var isHarmless = norm <= clipNorm && float.IsFinite(clipNorm);
        var exploding = known >= Least && !isHarmless && Median(_norms.AsSpan(0, known)) is > 0 and var median && norm > alarm * median;
        _norms[Count % Window] = norm;

        // Stays within the ring's meaning for any number of updates.
        Count = Count + 1 == 2 * Window ? Window : Count + 1;
        return exploding;
    }

    /// <summary>Goes on from the norms that another guard saw.</summary>
    public void Restore(ReadOnlySpan<float> norms, int count)
    {
        norms.CopyTo(_norms);
        Count = count;
    }

    /// <summary>The first tensor, in the order of the layers, with a value that is not finite, and that value.</summary>
    public static (Parameter Tensor, int Index)? FindBad(ParameterSet set)
    {
        foreach (var tensor in set.Tensors)
        {
            var index = IndexOfBad(tensor.Values);
            if (index >= 0)
            {
                return (tensor, index);
            }
        }

        return null;
    }

    /// <summary>Where the first value is that is not finite; -1 where there is none.</summary>
    public static int IndexOfBad(ReadOnlySpan<float> values) =>
        TensorPrimitives.IsFiniteAll(values) ? -1 : values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);

    private static float Median(ReadOnlySpan<float> norms)
    {
        Span<float> sorted = stackalloc float[Window];
        sorted = sorted[..norms.Length];
        norms.CopyTo(sorted);
        sorted.Sort();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
