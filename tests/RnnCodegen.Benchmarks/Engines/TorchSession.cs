using TorchSharp;
using static TorchSharp.torch;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>TorchSharp on one thread: nn.LSTM or nn.GRU, autograd for training.</summary>
internal sealed class TorchSession : Session
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly nn.Module _module;
    private readonly Func<Tensor, (Tensor Output, Tensor H, Tensor? C)> _call;
    private readonly Tensor[] _inputs;
    private readonly Tensor _outputGradient;
    private readonly Dictionary<string, TorchSharp.Modules.Parameter> _parameters;
    private Tensor _h;
    private Tensor? _c;
    private Tensor? _last;

    public TorchSession(Workload workload, LayerData data)
        : base(workload, data)
    {
        set_num_threads(1);
        var (steps, batch, inputs, units) = (workload.Steps, workload.Batch, workload.Inputs, workload.Units);
        _h = zeros(1, batch, units);
        if (workload.Cell == Cell.Lstm)
        {
            var lstm = nn.LSTM(inputs, units);
            _c = zeros(1, batch, units);
            (_module, _call) = (lstm, x => lstm.call(x, (_h, _c!)));
        }
        else
        {
            var gru = nn.GRU(inputs, units);
            _module = gru;
            _call = x =>
            {
                var (y, h) = gru.call(x, _h);
                return (y, h, null);
            };
        }

        _parameters = _module.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        using (no_grad())
        {
            foreach (var (name, values) in Weights(data))
            {
                var parameter = _parameters[name];
                parameter.copy_(tensor(values).reshape(parameter.shape));
                parameter.requires_grad_(workload.Family == Family.Train);
            }
        }

        _inputs = workload.Family == Family.Step
            ? [.. Enumerable.Range(0, steps).Select(t => tensor(data.Inputs.AsSpan(t * inputs, inputs).ToArray()).reshape(1, 1, inputs))]
            : [tensor(data.Inputs).reshape(steps, batch, inputs).requires_grad_(workload.Family == Family.Train)];
        _outputGradient = tensor(data.OutputGradient).reshape(steps, batch, units);
    }

    /// <summary>What went wrong in loading the native library; null where it is there.</summary>
    public static string? LoadError()
    {
        try
        {
            using var one = ones(1);
            return null;
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException or EntryPointNotFoundException)
        {
            return (e.InnerException ?? e).Message.Split('\n')[0];
        }
    }

    public override void Invoke()
    {
        using var scope = NewDisposeScope();
        switch (Workload.Family)
        {
            case Family.Step:
                var step = _call(_inputs[NextRow()]);
                Keep(ref _h!, step.H);
                Keep(ref _c, step.C);
                break;
            case Family.Train:
                _module.zero_grad();
                _inputs[0].grad = null;
                var y = _call(_inputs[0]).Output;
                y.backward([_outputGradient]);
                Keep(ref _last, y.detach());
                break;
            default:
                Keep(ref _last, _call(_inputs[0]).Output);
                break;
        }
    }

    public override float[] Output() => (_last ?? _h).data<float>().ToArray();

    public override float[][] Gradients() => Workload.Family == Family.Train
        ? [.. Weights(Data).Select(w => _parameters[w.Name].grad!.data<float>().ToArray()), _inputs[0].grad!.data<float>().ToArray()]
        : [];

    public override void Dispose()
    {
        _module.Dispose();
        _last?.Dispose();
        _scope.Dispose();
    }

    private static (string Name, float[] Values)[] Weights(LayerData data) =>
    [
        ("weight_ih_l0", data.WeightInput), ("weight_hh_l0", data.WeightHidden), ("bias_ih_l0", data.BiasInput), ("bias_hh_l0", data.BiasHidden),
    ];

    private static void Keep(ref Tensor? kept, Tensor? value)
    {
        kept?.Dispose();
        kept = value?.DetachFromDisposeScope();
    }
}
