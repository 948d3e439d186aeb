using System.Numerics;

namespace RnnCodegen;

/// <summary>What is left of a span behind its last whole vector.</summary>
internal static class VectorTail
{
    /// <summary>The elements from here on, fewer than a vector has, with zeros behind them.</summary>
    public static Vector<float> Load(ReadOnlySpan<float> rest)
    {
        Span<float> padded = stackalloc float[Vector<float>.Count];
        padded.Clear();
        rest.CopyTo(padded);
        return new Vector<float>(padded);
    }

    /// <summary>Writes as many elements as there is room for.</summary>
    public static void Store(Vector<float> value, Span<float> rest)
    {
        Span<float> padded = stackalloc float[Vector<float>.Count];
        value.CopyTo(padded);
        padded[..rest.Length].CopyTo(rest);
    }
}
