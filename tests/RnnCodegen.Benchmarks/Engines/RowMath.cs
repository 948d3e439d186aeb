using System.Numerics.Tensors;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>What a loop written by hand is made of.</summary>
internal interface IRowMath
{
    /// <summary>The sum of products.</summary>
    static abstract float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b);

    /// <summary>y += scale * x.</summary>
    static abstract void AddScaled(float scale, ReadOnlySpan<float> x, Span<float> y);

    /// <summary>1 / (1 + exp(-x)), in place.</summary>
    static abstract void Sigmoid(Span<float> x);

    /// <summary>tanh(x) into y, which may be x.</summary>
    static abstract void Tanh(ReadOnlySpan<float> x, Span<float> y);
}

/// <summary>Plain C#, a number at a time.</summary>
internal readonly struct ScalarMath : IRowMath
{
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0f;
        for (var k = 0; k < a.Length && k < b.Length; k++)
        {
            sum += a[k] * b[k];
        }

        return sum;
    }

    public static void AddScaled(float scale, ReadOnlySpan<float> x, Span<float> y)
    {
        for (var k = 0; k < x.Length && k < y.Length; k++)
        {
            y[k] += scale * x[k];
        }
    }

    public static void Sigmoid(Span<float> x)
    {
        for (var k = 0; k < x.Length; k++)
        {
            x[k] = 1 / (1 + MathF.Exp(-x[k]));
        }
    }

    public static void Tanh(ReadOnlySpan<float> x, Span<float> y)
    {
        for (var k = 0; k < x.Length && k < y.Length; k++)
        {
            y[k] = MathF.Tanh(x[k]);
        }
    }
}

/// <summary>What .NET offers for spans.</summary>
internal readonly struct TensorMath : IRowMath
{
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => TensorPrimitives.Dot(a, b);

    public static void AddScaled(float scale, ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.MultiplyAdd(x, scale, y, y);

    public static void Sigmoid(Span<float> x) => TensorPrimitives.Sigmoid<float>(x, x);

    public static void Tanh(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Tanh(x, y);
}
