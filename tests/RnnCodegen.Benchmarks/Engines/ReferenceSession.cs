using RnnCodegen.Reference;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>The layer's definition in double precision, which our code is held to. It is not timed.</summary>
internal sealed class ReferenceSession : Session
{
    private readonly ReferenceModel _model;
    private readonly Dictionary<string, double[]> _weights;
    private readonly Dictionary<string, Action<double[], float[], int>> _updates;
    private IReadOnlyDictionary<string, double[]> _state = new Dictionary<string, double[]>();
    private double[] _output = [];
    private float[][] _gradients = [];
    private int _calls;

    public ReferenceSession(Workload workload, LayerData data)
        : base(workload, data)
    {
        RecurrentAttribute layer = workload.Cell == Cell.Lstm ? new LstmAttribute(workload.Units) : new GruAttribute(workload.Units);
        _model = new ReferenceModel(workload.Inputs, new ReferenceLayer("Layer", layer));
        _weights = LayerData.Kinds.Zip(data.Weights).ToDictionary(w => NameOf(w.First), w => Array.ConvertAll(w.Second, v => (double)v));
        var update = OptimizerReference.Adam(LearningRate, 0.9, 0.999, 1e-8, WeightDecay, decoupled: true);
        _updates = _weights.ToDictionary(w => w.Key, w => update(w.Value.Length));
    }

    public override void Invoke()
    {
        _calls++;
        var (inputs, isStep) = (Workload.Inputs, Workload.Call == Call.Step);
        float[] rows = isStep ? [.. Data.Inputs.AsSpan(NextRow() * inputs, inputs)] : Data.Inputs;
        var run = new ReferenceRun(_model, new ReferenceCall(Workload.StepsPerCall, Workload.Batch)
        {
            Input = Array.ConvertAll(rows, v => (double)v),
            Parameters = _weights,
            InitialState = _state,
        });
        _output = run.Output;
        _state = isStep ? run.FinalState : _state;
        if (Workload.Call == Call.Train)
        {
            _gradients = GradientsOf(run, Data.OutputGradient);
        }
        else if (Workload.Call == Call.TrainingStep)
        {
            Learn(run);
        }
    }

    public override float[] Output() => Array.ConvertAll(_output, v => (float)v);

    public override float[][] Gradients() => _gradients;

    private static string NameOf(string kind) => $"Layer.{kind}_l0";

    private static float[][] GradientsOf(ReferenceRun run, IEnumerable<float> dy)
    {
        var gradients = run.Backward([.. dy.Select(v => (double)v)]);
        return [.. LayerData.Kinds.Select(kind => gradients.Parameters[NameOf(kind)]).Append(gradients.Input)
            .Select(g => Array.ConvertAll(g, v => (float)v))];
    }

    /// <summary>Mean squared error and AdamW.</summary>
    private void Learn(ReferenceRun run)
    {
        var differences = _output.Zip(Data.Targets, (y, target) => y - target).ToArray();
        var gradients = GradientsOf(run, differences.Select(d => (float)(2 * d / differences.Length)));
        foreach (var (kind, gradient) in LayerData.Kinds.Zip(gradients))
        {
            _updates[NameOf(kind)](_weights[NameOf(kind)], gradient, _calls);
        }

        _output = [differences.Average(d => d * d)];
    }
}
