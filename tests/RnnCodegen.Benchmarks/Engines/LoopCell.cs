namespace RnnCodegen.Benchmarks.Engines;

/// <summary>One step as one writes it without a library: a dot product a row, then the gates.</summary>
/// <typeparam name="TMath">What the rows are computed with.</typeparam>
internal sealed class LoopCell<TMath>
    where TMath : struct, IRowMath
{
    private readonly Workload _workload;
    private readonly LayerData _data;
    private readonly float[] _gx;
    private readonly float[] _gh;
    private readonly float[] _tanh;

    public LoopCell(Workload workload, LayerData data)
    {
        (_workload, _data) = (workload, data);
        _gx = new float[workload.Gates * workload.Units];
        _gh = new float[workload.Gates * workload.Units];
        _tanh = new float[workload.Units];
    }

    /// <summary>The gates of the last step [G H].</summary>
    public ReadOnlySpan<float> Gates => _gx;

    /// <summary>U h + b of the last step [G H].</summary>
    public ReadOnlySpan<float> HiddenProducts => _gh;

    /// <summary>tanh(c) of the last step [H].</summary>
    public ReadOnlySpan<float> TanhCell => _tanh;

    /// <summary>One step; h and c are updated.</summary>
    public void Step(ReadOnlySpan<float> x, Span<float> h, Span<float> c)
    {
        Span<float> gx = _gx, gh = _gh;
        for (var row = 0; row < gx.Length; row++)
        {
            gx[row] = TMath.Dot(_data.WeightInput.AsSpan(row * x.Length, x.Length), x) + _data.BiasInput[row];
            gh[row] = TMath.Dot(_data.WeightHidden.AsSpan(row * h.Length, h.Length), h) + _data.BiasHidden[row];
        }

        if (_workload.Cell == Cell.Lstm)
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
