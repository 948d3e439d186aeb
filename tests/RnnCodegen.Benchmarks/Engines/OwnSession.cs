using RnnCodegen.Benchmarks.Models;
using RnnCodegen.Runtime;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>Our generated code, through the calls a user makes.</summary>
internal sealed class OwnSession : Session
{
    private readonly ModelCore _model;
    private readonly float[] _y;
    private readonly float[] _dx = [];
    private readonly ModelState? _state;
    private readonly Tape? _tape;
    private readonly ParameterSet? _gradients;

    public OwnSession(Workload workload, LayerData data, OwnVariant variant)
        : base(workload, data)
    {
        _model = LayerModels.Create(workload, variant.Kind);
        _model.MaxThreads = variant.Threads;
        _y = new float[(workload.Call == Call.Step ? 1 : workload.Steps * workload.Batch) * workload.Units];
        if (workload.Call == Call.Step)
        {
            _state = _model.CreateState();
        }
        else if (workload.Call == Call.Train)
        {
            _tape = _model.CreateTape(workload.Steps, workload.Batch);
            _gradients = _model.CreateGradients();
            _dx = new float[data.Inputs.Length];
        }
    }

    public override void Invoke()
    {
        if (_state is not null)
        {
            _model.Step(Data.Inputs.AsSpan(NextRow() * Workload.Inputs, Workload.Inputs), _y, _state);
        }
        else if (_tape is not null)
        {
            _model.Forward(Data.Inputs, _y, _tape);
            _model.Backward(Data.OutputGradient, _dx, _tape, _gradients!);
        }
        else
        {
            _model.Run(Data.Inputs, _y, Workload.Steps, Workload.Batch);
        }
    }

    public override float[] Output() => [.. _y];

    public override float[][] Gradients() =>
        _gradients is null ? [] : [.. LayerData.Kinds.Select(kind => LayerData.Tensor(_gradients, kind)), [.. _dx]];
}
