using Microsoft.ML.OnnxRuntime;
using RnnCodegen.Interchange;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>ONNX Runtime on a trained model's file, one thread; all values are bound to memory that is there before the call.</summary>
internal sealed class OnnxTrainedRun : IDisposable
{
    private readonly SessionOptions _options = new()
    {
        IntraOpNumThreads = 1,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL
    };
    private readonly RunOptions _runOptions = new();
    private readonly InferenceSession _session;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly OrtValue[] _inputs;
    private readonly OrtValue[] _outputs;
    private readonly OrtValue[][] _states;
    private int _current;

    /// <param name="model">The file.</param>
    /// <param name="signature">How it is called.</param>
    /// <param name="x">The input's memory; its rows may change from call to call.</param>
    /// <param name="steps">Steps of a call.</param>
    public OnnxTrainedRun(byte[] model, ModelSignature signature, float[] x, int steps)
    {
        _session = new InferenceSession(model, _options);
        string[] states = [.. signature.States.Select(s => s.Name)];
        _inputNames = [signature.Input, .. states];
        _outputNames = [signature.Output, .. _session.OutputMetadata.Keys.Where(k => k != signature.Output).Take(states.Length)];
        var output = Shape(_session.OutputMetadata[signature.Output].Dimensions, signature.OutputAxes.Contains(RowAxis.Time) ? steps : 1);
        Y = new float[output.Aggregate(1L, (a, b) => a * b)];

        // States of a step and of the next one: each call reads one and writes the other.
        _states = [.. Enumerable.Range(0, 2)
            .Select(_ => states.Select(s => Zeros(Shape(_session.InputMetadata[s].Dimensions, 1))).ToArray())];
        _inputs = [Value(x, Shape(_session.InputMetadata[signature.Input].Dimensions, steps, x.Length)), .. _states[0]];
        if (_session.InputMetadata.ContainsKey(TrainedModel.Constant.Name))
        {
            _inputNames = [.. _inputNames, TrainedModel.Constant.Name];
            _inputs = [.. _inputs, OrtValue.CreateTensorValueFromMemory(new[] { TrainedModel.Constant.Value }, [])];
        }

        _outputs = [Value(Y, output), .. _states[1]];
    }

    /// <summary>The output of the last call.</summary>
    public float[] Y { get; }

    /// <summary>One call: goes on from the state of the one before, where the file has states for inputs and outputs.</summary>
    public void Invoke()
    {
        _states[_current].CopyTo(_inputs, 1);
        _current ^= 1;
        _states[_current].CopyTo(_outputs, 1);
        _session.Run(_runOptions, _inputNames, _inputs, _outputNames, _outputs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in _inputs.Concat(_outputs).Concat(_states.SelectMany(s => s)).Distinct())
        {
            value.Dispose();
        }

        _session.Dispose();
        _runOptions.Dispose();
        _options.Dispose();
    }

    // Of the sizes that a file leaves open the first is the steps, and one sample is called with; but the last one is whatever is left of
    // the values of one step.
    private static long[] Shape(int[] dimensions, int steps, long values = 0)
    {
        var open = 0;
        long[] shape = [.. dimensions.Select(d => d > 0 ? (long)d : open++ == 0 ? steps : 1)];
        var product = shape.Aggregate(1L, (a, b) => a * b);
        if (values > product && Array.FindLastIndex(dimensions, d => d <= 0) is >= 0 and var last)
        {
            shape[last] = values / (product / shape[last]);
        }

        return shape;
    }

    private static OrtValue Zeros(long[] shape) => Value(new float[shape.Aggregate(1L, (a, b) => a * b)], shape);

    private static OrtValue Value(float[] memory, long[] shape) => OrtValue.CreateTensorValueFromMemory(memory, shape);
}
