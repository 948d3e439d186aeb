namespace RnnCodegen.Benchmarks.Engines;

/// <summary>The loop one writes without a library, step by step and sample by sample.</summary>
/// <typeparam name="TMath">What the rows are computed with.</typeparam>
internal sealed class LoopSession<TMath> : Session
    where TMath : struct, IRowMath
{
    private readonly LoopCell<TMath> _cell;
    private readonly float[] _h;
    private readonly float[] _c;
    private readonly float[] _y;

    public LoopSession(Workload workload, LayerData data)
        : base(workload, data)
    {
        _cell = new LoopCell<TMath>(workload, data);
        _h = new float[workload.Batch * workload.Units];
        _c = new float[workload.Batch * workload.Units];
        _y = workload.Call == Call.Step ? [] : new float[workload.Steps * workload.Batch * workload.Units];
    }

    public override void Invoke()
    {
        var (inputs, units, batch) = (Workload.Inputs, Workload.Units, Workload.Batch);
        if (Workload.Call == Call.Step)
        {
            _cell.Step(Data.Inputs.AsSpan(NextRow() * inputs, inputs), _h, _c);
            return;
        }

        _h.AsSpan().Clear();
        _c.AsSpan().Clear();
        for (var row = 0; row < Workload.Steps * batch; row++)
        {
            var h = _h.AsSpan(row % batch * units, units);
            _cell.Step(Data.Inputs.AsSpan(row * inputs, inputs), h, _c.AsSpan(row % batch * units, units));
            h.CopyTo(_y.AsSpan(row * units));
        }
    }

    public override float[] Output() => Workload.Call == Call.Step ? [.. _h] : [.. _y];
}
