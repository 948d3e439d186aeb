using Microsoft.ML.OnnxRuntime;
using RnnCodegen.Interchange;

namespace Pretrained;

/// <summary>A file in ONNX Runtime on one thread: rows in, rows out, and its states handed from call to call.</summary>
sealed class OnnxPeer : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly float[] _rows;
    private readonly float[] _output;
    private readonly List<(float[] Now, float[] Next, long[] Shape)> _states = [];
    private readonly OrtValue[] _inputs;
    private readonly OrtValue[] _outputs;
    private readonly string[] _outputNames;

    /// <param name="file">The file.</param>
    /// <param name="signature">How it is called, as its importer found.</param>
    /// <param name="steps">Steps of a call.</param>
    /// <param name="width">Features of a row.</param>
    /// <param name="outputs">Values that a call gives.</param>
    public OnnxPeer(byte[] file, ModelSignature signature, int steps, int width, int outputs)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _session = new InferenceSession(file, options);
        (_rows, _output) = (new float[steps * width], new float[outputs]);
        _inputs = [.. _session.InputNames.Select(name => Input(name, signature, steps, width))];
        _outputNames = [signature.Output, .. _session.OutputNames.Where(name => name != signature.Output)];
        _outputs =
        [
            Tensor(_output, Shape(_session.OutputMetadata[signature.Output].Dimensions, 1, outputs)),
            .. _states.Select(state => Tensor(state.Next, state.Shape)),
        ];
    }

    /// <summary>The outputs for rows; the next call goes on from the states.</summary>
    public ReadOnlySpan<float> Run(ReadOnlySpan<float> rows)
    {
        rows.CopyTo(_rows);
        _session.Run(_run, _session.InputNames, _inputs, _outputNames, _outputs);
        foreach (var (now, next, _) in _states)
        {
            next.CopyTo(now, 0);
        }

        return _output;
    }

    public void Dispose()
    {
        foreach (var value in _inputs.Concat(_outputs))
        {
            value.Dispose();
        }

        _run.Dispose();
        _session.Dispose();
    }

    private OrtValue Input(string name, ModelSignature signature, int steps, int width)
    {
        if (name == signature.Input)
        {
            return Tensor(_rows, Shape(_session.InputMetadata[name].Dimensions, steps, width));
        }

        if (signature.States.FirstOrDefault(s => s.Name == name) is not { } state)
        {
            // The voice detector's sample rate.
            return OrtValue.CreateTensorValueFromMemory(new long[] { Sound.Rate }, []);
        }

        long[] shape = [.. state.Shape.Select(n => Math.Max(n, 1L))];
        var length = (int)shape.Aggregate((a, b) => a * b);
        _states.Add((new float[length], new float[length], shape));
        return Tensor(_states[^1].Now, shape);
    }

    /// <summary>Free sizes are the steps, where there is an axis for them, one sample, and the features.</summary>
    private static long[] Shape(int[] sizes, int steps, int width) =>
        [.. sizes.Select((n, i) => n > 0 ? n : i == sizes.Length - 1 ? width : i == 0 && sizes.Length == 3 ? steps : 1L)];

    private static OrtValue Tensor(float[] values, long[] shape) => OrtValue.CreateTensorValueFromMemory(values, shape);
}
