namespace RnnCodegen.Benchmarks.Engines;

/// <summary>Backpropagation through time as one writes it without a library.</summary>
/// <typeparam name="TMath">What the rows are computed with.</typeparam>
internal sealed class LoopTraining<TMath> : Session
    where TMath : struct, IRowMath
{
    private readonly LoopCell<TMath> _cell;
    private readonly float[][] _gradients;
    private readonly float[] _y;

    // What Backward needs, a row a step and sample: the gates, c before and tanh(c) after the step, and U h + b of the GRU's candidate.
    private readonly float[] _gates;
    private readonly float[] _cellBefore;
    private readonly float[] _tanhCell;
    private readonly float[] _candidate;

    // Of one sample each [B, H]; and of the step at hand [G H].
    private readonly float[] _h;
    private readonly float[] _c;
    private readonly float[] _dh;
    private readonly float[] _dc;
    private readonly float[] _dgx;
    private readonly float[] _dgh;
    private readonly float[] _noState;
    private readonly int _rows;

    public LoopTraining(Workload workload, LayerData data)
        : base(workload, data)
    {
        _cell = new LoopCell<TMath>(workload, data);
        var (units, rows, gates) = (workload.Units, workload.Steps * workload.Batch, workload.Gates * workload.Units);
        _rows = rows;
        _gradients = [.. new[] { gates * workload.Inputs, gates * units, gates, gates, rows * workload.Inputs }.Select(
            length => new float[length])];
        _gates = new float[rows * gates];
        (_y, _cellBefore) = (new float[rows * units], new float[rows * units]);
        (_tanhCell, _candidate) = (new float[rows * units], new float[rows * units]);
        var state = workload.Batch * units;
        (_h, _c, _dh, _dc) = (new float[state], new float[state], new float[state], new float[state]);
        (_dgx, _dgh, _noState) = (new float[gates], new float[gates], new float[units]);
    }

    /// <summary>The output [T, B, H], which each Forward writes.</summary>
    public float[] Y => _y;

    /// <summary>The gradients, which each Backward writes: those of the weights, then dx.</summary>
    public IReadOnlyList<float[]> Gradient => _gradients;

    public override void Invoke()
    {
        Forward();
        Backward(Data.OutputGradient);
    }

    /// <summary>All steps from a zero state.</summary>
    public void Forward()
    {
        Array.Clear(_h);
        Array.Clear(_c);
        for (var row = 0; row < _rows; row++)
        {
            Forward(row);
        }
    }

    /// <summary>All steps back from the output's gradient.</summary>
    public void Backward(float[] dy)
    {
        Array.ForEach((float[][])[_dh, _dc, .. _gradients], Array.Clear);
        for (var row = _rows - 1; row >= 0; row--)
        {
            Backward(row, Units(dy, row));
        }
    }

    public override float[] Output() => [.. _y];

    public override float[][] Gradients() => [.. _gradients.Select(g => (float[])g.Clone())];

    private Span<float> Units(float[] values, int row) => values.AsSpan(row * Workload.Units, Workload.Units);

    private Span<float> Inputs(float[] values, int row) => values.AsSpan(row * Workload.Inputs, Workload.Inputs);

    private void Forward(int row)
    {
        var h = Units(_h, row % Workload.Batch);
        var c = Units(_c, row % Workload.Batch);
        c.CopyTo(Units(_cellBefore, row));
        _cell.Step(Inputs(Data.Inputs, row), h, c);
        h.CopyTo(Units(_y, row));
        _cell.Gates.CopyTo(_gates.AsSpan(row * _dgx.Length));
        _cell.TanhCell.CopyTo(Units(_tanhCell, row));
        _cell.HiddenProducts[^Workload.Units..].CopyTo(Units(_candidate, row));
    }

    private void Backward(int row, ReadOnlySpan<float> dy)
    {
        var sample = row % Workload.Batch;
        var dh = Units(_dh, sample);
        TMath.AddScaled(1, dy, dh);
        ReadOnlySpan<float> before = row < Workload.Batch ? _noState : Units(_y, row - Workload.Batch);
        ReadOnlySpan<float> gates = _gates.AsSpan(row * _dgx.Length, _dgx.Length);
        if (Workload.Cell == Cell.Lstm)
        {
            Lstm(gates, Units(_cellBefore, row), Units(_tanhCell, row), dh, Units(_dc, sample));
        }
        else
        {
            Gru(gates, before, Units(_candidate, row), dh);
        }

        var x = Inputs(Data.Inputs, row);
        var dx = Inputs(_gradients[4], row);
        for (var k = 0; k < _dgx.Length; k++)
        {
            TMath.AddScaled(_dgx[k], x, Inputs(_gradients[0], k));
            TMath.AddScaled(_dgh[k], before, Units(_gradients[1], k));
            _gradients[2][k] += _dgx[k];
            _gradients[3][k] += _dgh[k];
            if (Workload.InputPasses > 2)
            {
                TMath.AddScaled(_dgx[k], Inputs(Data.WeightInput, k), dx);
            }

            TMath.AddScaled(_dgh[k], Units(Data.WeightHidden, k), dh);
        }
    }

    // dh becomes what of it reaches the step before without a product: nothing.
    private void Lstm(ReadOnlySpan<float> gates, ReadOnlySpan<float> cellBefore, ReadOnlySpan<float> tanhCell, Span<float> dh,
        Span<float> dc)
    {
        var units = dh.Length;
        for (var j = 0; j < units; j++)
        {
            var (i, f, g, o) = (gates[j], gates[units + j], gates[(2 * units) + j], gates[(3 * units) + j]);
            var d = dc[j] + (dh[j] * o * (1 - (tanhCell[j] * tanhCell[j])));
            _dgx[j] = d * g * i * (1 - i);
            _dgx[units + j] = d * cellBefore[j] * f * (1 - f);
            _dgx[(2 * units) + j] = d * i * (1 - (g * g));
            _dgx[(3 * units) + j] = dh[j] * tanhCell[j] * o * (1 - o);
            (dc[j], dh[j]) = (d * f, 0);
        }

        _dgx.CopyTo(_dgh, 0);
    }

    // dh becomes what of it reaches the step before without a product: the share that z keeps.
    private void Gru(ReadOnlySpan<float> gates, ReadOnlySpan<float> before, ReadOnlySpan<float> candidate, Span<float> dh)
    {
        var units = dh.Length;
        for (var j = 0; j < units; j++)
        {
            var (r, z, n) = (gates[j], gates[units + j], gates[(2 * units) + j]);
            var dn = dh[j] * (1 - z) * (1 - (n * n));
            _dgx[j] = _dgh[j] = dn * candidate[j] * r * (1 - r);
            _dgx[units + j] = _dgh[units + j] = dh[j] * (before[j] - n) * z * (1 - z);
            _dgx[(2 * units) + j] = dn;
            _dgh[(2 * units) + j] = dn * r;
            dh[j] *= z;
        }
    }
}
