using RnnCodegen.Benchmarks.Models;
using RnnCodegen.Runtime;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>A step of training with our own loss and optimizer.</summary>
internal sealed class OwnTrainingStep : Session, ITrainingStep
{
    private readonly ModelCore _model;
    private readonly Tape _tape;
    private readonly ParameterSet _gradients;
    private readonly AdamW _optimizer = new(LearningRate, weightDecay: WeightDecay);
    private readonly float[] _y;
    private readonly float[] _dy;
    private float[] _inputs;
    private float[] _targets;
    private float _loss;

    public OwnTrainingStep(Workload workload, LayerData data)
        : base(workload, data)
    {
        (_inputs, _targets) = (data.Inputs, data.Targets);
        _model = LayerModels.Create(workload);
        _tape = _model.CreateTape(workload.Steps, workload.Batch);
        _gradients = _model.CreateGradients();
        _y = new float[workload.Steps * workload.Batch * workload.Units];
        _dy = new float[_y.Length];
    }

    public void Feed(float[] inputs, float[] targets) => (_inputs, _targets) = (inputs, targets);

    public override void Invoke()
    {
        _model.Forward(_inputs, _y, _tape);
        _loss = Loss.MeanSquaredError.Compute(_y, _targets, _dy, new LossShape(Workload.Steps, Workload.Batch, Workload.Units));
        _model.Backward(_dy, [], _tape, _gradients);
        _optimizer.Step(_model.Parameters, _gradients);
    }

    public override float[] Output() => [_loss];
}
