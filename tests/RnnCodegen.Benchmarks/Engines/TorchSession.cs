using TorchSharp;
using static TorchSharp.torch;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>TorchSharp on one thread, autograd for training.</summary>
internal sealed class TorchSession : Session
{
    private readonly TorchLayer _layer;
    private readonly Tensor[] _inputs;
    private readonly Tensor _outputGradient;
    private Tensor? _last;

    public TorchSession(Workload workload, LayerData data)
        : base(workload, data)
    {
        var training = workload.Call == Call.Train;
        var (steps, batch, inputs) = (workload.Steps, workload.Batch, workload.Inputs);
        _layer = new TorchLayer(workload, data, training);
        _inputs = workload.Call == Call.Step
            ? [.. Enumerable.Range(0, steps).Select(t => tensor(data.Inputs.AsSpan(t * inputs, inputs).ToArray()).reshape(1, 1, inputs))]
            : [tensor(data.Inputs).reshape(steps, batch, inputs).requires_grad_(training)];
        _outputGradient = tensor(data.OutputGradient).reshape(steps, batch, workload.Units);
    }

    /// <summary>What went wrong in loading the native library; null where it is there.</summary>
    public static string? LoadError()
    {
        try
        {
            using var one = ones(1);
            return null;
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException
            or EntryPointNotFoundException)
        {
            return (e.InnerException ?? e).Message.Split('\n')[0];
        }
    }

    public override void Invoke()
    {
        using var scope = NewDisposeScope();
        switch (Workload.Call)
        {
            case Call.Step:
                var step = _layer.Call(_inputs[NextRow()]);
                _layer.SetState(step.H, step.C);
                break;
            case Call.Train:
                _layer.Module.zero_grad();
                _inputs[0].grad = null;
                var y = _layer.Call(_inputs[0]).Output;
                y.backward([_outputGradient]);
                TorchLayer.Keep(ref _last, y.detach());
                break;
            default:
                TorchLayer.Keep(ref _last, _layer.Call(_inputs[0]).Output);
                break;
        }
    }

    public override float[] Output() => (_last ?? _layer.H).data<float>().ToArray();

    public override float[][] Gradients() =>
        Workload.Call == Call.Train ? [.. _layer.Gradients, _inputs[0].grad!.data<float>().ToArray()] : [];

    public override void Dispose()
    {
        Array.ForEach(_inputs, x => x.Dispose());
        _outputGradient.Dispose();
        _last?.Dispose();
        _layer.Dispose();
    }
}
