using TorchSharp;
using static TorchSharp.torch;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>A step of training with TorchSharp's own loss and optimizer.</summary>
internal sealed class TorchTrainingStep : Session, ITrainingStep
{
    private readonly TorchLayer _layer;
    private readonly TorchSharp.Modules.MSELoss _criterion = nn.MSELoss();
    private readonly TorchSharp.Modules.AdamW _optimizer;
    private Tensor _input;
    private Tensor _target;
    private Tensor? _loss;

    public TorchTrainingStep(Workload workload, LayerData data)
        : base(workload, data)
    {
        _layer = new TorchLayer(workload, data, training: true);
        (_input, _target) = Shape(data.Inputs, data.Targets);
        _optimizer = optim.AdamW(_layer.Module.parameters(), LearningRate, weight_decay: WeightDecay);
    }

    public void Feed(float[] inputs, float[] targets)
    {
        _input.Dispose();
        _target.Dispose();
        (_input, _target) = Shape(inputs, targets);
    }

    public override void Invoke()
    {
        using var scope = NewDisposeScope();
        var loss = _criterion.call(_layer.Call(_input).Output, _target);
        loss.backward();
        _optimizer.step();
        _optimizer.zero_grad();
        TorchLayer.Keep(ref _loss, loss.detach());
    }

    public override float[] Output() => [_loss!.item<float>()];

    public override void Dispose()
    {
        _optimizer.Dispose();
        _criterion.Dispose();
        _loss?.Dispose();
        _input.Dispose();
        _target.Dispose();
        _layer.Dispose();
    }

    private (Tensor Input, Tensor Target) Shape(float[] inputs, float[] targets) => (
        tensor(inputs).reshape(Workload.Steps, Workload.Batch, Workload.Inputs),
        tensor(targets).reshape(Workload.Steps, Workload.Batch, Workload.Units));
}
