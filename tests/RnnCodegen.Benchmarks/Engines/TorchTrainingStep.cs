using TorchSharp;
using static TorchSharp.torch;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>A step of training with TorchSharp's own loss and optimizer.</summary>
internal sealed class TorchTrainingStep : Session
{
    private readonly TorchLayer _layer;
    private readonly Tensor _input;
    private readonly Tensor _target;
    private readonly TorchSharp.Modules.MSELoss _criterion = nn.MSELoss();
    private readonly TorchSharp.Modules.AdamW _optimizer;
    private Tensor? _loss;

    public TorchTrainingStep(Workload workload, LayerData data)
        : base(workload, data)
    {
        _layer = new TorchLayer(workload, data, training: true);
        _input = tensor(data.Inputs).reshape(workload.Steps, workload.Batch, workload.Inputs);
        _target = tensor(data.Targets).reshape(workload.Steps, workload.Batch, workload.Units);
        _optimizer = optim.AdamW(_layer.Module.parameters(), LearningRate);
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
}
