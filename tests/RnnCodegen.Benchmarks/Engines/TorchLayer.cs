using TorchSharp;
using static TorchSharp.torch;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>nn.LSTM or nn.GRU with our weights, on one thread.</summary>
internal sealed class TorchLayer : IDisposable
{
    private readonly Dictionary<string, TorchSharp.Modules.Parameter> _parameters;

    public TorchLayer(Workload workload, LayerData data, bool training)
    {
        set_num_threads(1);
        H = zeros(1, workload.Batch, workload.Units);
        if (workload.Cell == Cell.Lstm)
        {
            var lstm = nn.LSTM(workload.Inputs, workload.Units);
            C = zeros(1, workload.Batch, workload.Units);
            (Module, Call) = (lstm, x => lstm.call(x, (H, C!)));
        }
        else
        {
            var gru = nn.GRU(workload.Inputs, workload.Units);
            Module = gru;
            Call = x =>
            {
                var (y, h) = gru.call(x, H);
                return (y, h, null);
            };
        }

        _parameters = Module.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        using (no_grad())
        {
            foreach (var (kind, values) in LayerData.Kinds.Zip(data.Weights))
            {
                var parameter = _parameters[$"{kind}_l0"];
                parameter.copy_(tensor(values).reshape(parameter.shape));
                parameter.requires_grad_(training);
            }
        }
    }

    /// <summary>The layer.</summary>
    public nn.Module Module { get; }

    /// <summary>Output and state after x, from <see cref="H"/> and <see cref="C"/>.</summary>
    public Func<Tensor, (Tensor Output, Tensor H, Tensor? C)> Call { get; }

    /// <summary>The state h before a call.</summary>
    public Tensor H { get; private set; }

    /// <summary>The state c before a call; null for a GRU.</summary>
    public Tensor? C { get; private set; }

    /// <summary>The gradients of the weights in the order of <see cref="LayerData.Kinds"/>.</summary>
    public IEnumerable<float[]> Gradients => LayerData.Kinds.Select(kind => _parameters[$"{kind}_l0"].grad!.data<float>().ToArray());

    /// <summary>Keeps a state for the next call.</summary>
    public void SetState(Tensor h, Tensor? c)
    {
        var (oldH, oldC) = (H, C);
        (H, C) = (h.DetachFromDisposeScope(), c?.DetachFromDisposeScope());
        oldH.Dispose();
        oldC?.Dispose();
    }

    /// <summary>Keeps a value beyond its scope, in place of an older one.</summary>
    public static void Keep(ref Tensor? kept, Tensor value)
    {
        kept?.Dispose();
        kept = value.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Module.Dispose();
        H.Dispose();
        C?.Dispose();
    }
}
