using Microsoft.ML.OnnxRuntime;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>ONNX Runtime on one thread; all values are bound to memory that is there before the call.</summary>
internal sealed class OnnxSession : Session
{
    private readonly SessionOptions _options = new()
    {
        IntraOpNumThreads = 1,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL
    };
    private readonly RunOptions _runOptions = new();
    private readonly InferenceSession _session;
    private readonly List<OrtValue> _values = [];
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly OrtValue[] _inputs;
    private readonly float[] _x;
    private readonly float[] _y = [];
    private readonly OrtValue[] _sequence = [];

    // States of a step and of the next one: each call reads one and writes the other.
    private readonly float[][] _states = [];
    private readonly OrtValue[][] _stateValues = [];
    private int _current;

    public OnnxSession(Workload workload, LayerData data)
        : base(workload, data)
    {
        var step = workload.Call == Call.Step;
        var (steps, batch, units) = (step ? 1 : workload.Steps, workload.Batch, workload.Units);
        var lstm = workload.Cell == Cell.Lstm;
        _session = new InferenceSession(OnnxModelWriter.Write(workload, data, steps), _options);
        _inputNames = lstm ? ["x", "h0", "c0"] : ["x", "h0"];
        _x = new float[steps * batch * workload.Inputs];
        data.Inputs.AsSpan(0, _x.Length).CopyTo(_x);

        var stateSize = batch * units;
        _states = [.. Enumerable.Range(0, step ? 4 : 2).Select(_ => new float[stateSize])];
        OrtValue State(int k) => Value(_states[k], 1, batch, units);
        OrtValue[] first = lstm ? [State(0), State(1)] : [State(0)];
        _inputs = [Value(_x, steps, batch, workload.Inputs), .. first];
        if (step)
        {
            _outputNames = lstm ? ["h", "c"] : ["h"];
            _stateValues = [first, lstm ? [State(2), State(3)] : [State(2)]];
        }
        else
        {
            _outputNames = ["y"];
            _y = new float[steps * stateSize];
            _sequence = [Value(_y, steps, 1, batch, units)];
        }
    }

    public override void Invoke()
    {
        if (Workload.Call != Call.Step)
        {
            _session.Run(_runOptions, _inputNames, _inputs, _outputNames, _sequence);
            return;
        }

        Data.Inputs.AsSpan(NextRow() * Workload.Inputs, Workload.Inputs).CopyTo(_x);
        _stateValues[_current].CopyTo(_inputs, 1);
        _current ^= 1;
        _session.Run(_runOptions, _inputNames, _inputs, _outputNames, _stateValues[_current]);
    }

    public override float[] Output() => Workload.Call == Call.Step ? [.. _states[2 * _current]] : [.. _y];

    public override void Dispose()
    {
        _values.ForEach(v => v.Dispose());
        _session.Dispose();
        _runOptions.Dispose();
        _options.Dispose();
    }

    private OrtValue Value(float[] memory, params long[] shape)
    {
        var value = OrtValue.CreateTensorValueFromMemory(memory, shape);
        _values.Add(value);
        return value;
    }
}
