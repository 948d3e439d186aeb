using System.Numerics.Tensors;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>What a loop written by hand is made of.</summary>
internal interface IRowMath
{
    /// <summary>The sum of products.</summary>
    static abstract float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b);

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

    public static void Sigmoid(Span<float> x) => TensorPrimitives.Sigmoid<float>(x, x);

    public static void Tanh(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Tanh(x, y);
}

/// <summary>The loop one writes without a library: a dot product a row, then the gates.</summary>
/// <typeparam name="TMath">What the rows are computed with.</typeparam>
internal sealed class LoopSession<TMath> : Session
    where TMath : struct, IRowMath
{
    private readonly float[] _gx;
    private readonly float[] _gh;
    private readonly float[] _tanh;
    private readonly float[] _h;
    private readonly float[] _c;
    private readonly float[] _y;

    public LoopSession(Workload workload, LayerData data)
        : base(workload, data)
    {
        _gx = new float[workload.Gates * workload.Units];
        _gh = new float[workload.Gates * workload.Units];
        _tanh = new float[workload.Units];
        _h = new float[workload.Batch * workload.Units];
        _c = new float[workload.Batch * workload.Units];
        _y = workload.Family == Family.Step ? [] : new float[workload.Steps * workload.Batch * workload.Units];
    }

    public override void Invoke()
    {
        var (inputs, units, batch) = (Workload.Inputs, Workload.Units, Workload.Batch);
        if (Workload.Family == Family.Step)
        {
            Step(Data.Inputs.AsSpan(NextRow() * inputs, inputs), _h, _c);
            return;
        }

        _h.AsSpan().Clear();
        _c.AsSpan().Clear();
        for (var row = 0; row < Workload.Steps * batch; row++)
        {
            var h = _h.AsSpan(row % batch * units, units);
            Step(Data.Inputs.AsSpan(row * inputs, inputs), h, _c.AsSpan(row % batch * units, units));
            h.CopyTo(_y.AsSpan(row * units));
        }
    }

    public override float[] Output() => Workload.Family == Family.Step ? [.. _h] : [.. _y];

    private void Step(ReadOnlySpan<float> x, Span<float> h, Span<float> c)
    {
        Span<float> gx = _gx, gh = _gh;
        for (var row = 0; row < gx.Length; row++)
        {
            gx[row] = TMath.Dot(Data.WeightInput.AsSpan(row * x.Length, x.Length), x) + Data.BiasInput[row];
            gh[row] = TMath.Dot(Data.WeightHidden.AsSpan(row * h.Length, h.Length), h) + Data.BiasHidden[row];
        }

        if (Workload.Cell == Cell.Lstm)
        {
            Lstm(gx, gh, h, c);
        }
        else
        {
            Gru(gx, gh, h);
        }
    }

    private void Lstm(Span<float> g, ReadOnlySpan<float> gh, Span<float> h, Span<float> c)
    {
        var units = h.Length;
        for (var row = 0; row < g.Length; row++)
        {
            g[row] += gh[row];
        }

        TMath.Sigmoid(g[..(2 * units)]);
        TMath.Tanh(g.Slice(2 * units, units), g.Slice(2 * units, units));
        TMath.Sigmoid(g[(3 * units)..]);
        for (var j = 0; j < units; j++)
        {
            c[j] = (g[units + j] * c[j]) + (g[j] * g[(2 * units) + j]);
        }

        TMath.Tanh(c, _tanh);
        for (var j = 0; j < units; j++)
        {
            h[j] = g[(3 * units) + j] * _tanh[j];
        }
    }

    private static void Gru(Span<float> gx, ReadOnlySpan<float> gh, Span<float> h)
    {
        var units = h.Length;
        for (var row = 0; row < 2 * units; row++)
        {
            gx[row] += gh[row];
        }

        TMath.Sigmoid(gx[..(2 * units)]);
        var n = gx[(2 * units)..];
        for (var j = 0; j < units; j++)
        {
            n[j] += gx[j] * gh[(2 * units) + j];
        }

        TMath.Tanh(n, n);
        for (var j = 0; j < units; j++)
        {
            var z = gx[units + j];
            h[j] = ((1 - z) * n[j]) + (z * h[j]);
        }
    }
}
