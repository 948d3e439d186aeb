using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using RnnCodegen.Interchange.Onnx;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Runs a file's own program with ONNX Runtime, on rows in this project's layout.</summary>
internal static class OnnxRuntimeModel
{
    /// <summary>Random rows for a model.</summary>
    public static Rows Input(ModelDescription model, int steps, int batch, int seed = 5)
    {
        var random = new Random(seed);
        return model.Layers[0].Options is EmbeddingAttribute e
            ? Rows.Of(steps, batch, 1, (_, _, _) => random.Next(e.Vocabulary))
            : Rows.Of(steps, batch, model.Model.InputSize, (_, _, _) => (float)((random.NextDouble() * 4) - 2));
    }

    /// <summary>The output, as [T, B, F]; states are zeros and lengths whole.</summary>
    /// <param name="file">The file.</param>
    /// <param name="signature">How it is called.</param>
    /// <param name="input">The rows.</param>
    /// <param name="inputShape">The input's shape, where some axes have size 1 and no meaning.</param>
    public static Rows Run(byte[] file, ModelSignature signature, Rows input, int[]? inputShape = null)
    {
        // Its optimisations may compute with 8 bits what the file does not.
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
        };
        using var session = new InferenceSession(file, options);
        var sizes = new Dictionary<RowAxis, int>
        {
            [RowAxis.Time] = input.Steps,
            [RowAxis.Batch] = input.Batch,
            [RowAxis.Feature] = input.Width
        };
        var shape = inputShape?.Select(s => (long)s).ToArray() ?? [.. signature.InputAxes.Select(a => (long)sizes[a])];
        var values = Reordered([.. input.Values], [RowAxis.Time, RowAxis.Batch, RowAxis.Feature], sizes, signature.InputAxes);
        var inputs = new Dictionary<string, OrtValue>
        {
            [signature.Input] = Tensor(session.InputMetadata[signature.Input].ElementDataType, values, shape),
        };
        foreach (var state in signature.States)
        {
            long[] own = [.. state.Shape.Select(s => s == 0 ? (long)input.Batch : s)];
            inputs[state.Name] = OrtValue.CreateTensorValueFromMemory(new float[own.Aggregate((a, b) => a * b)], own);
        }

        if (signature.Lengths is { } lengths)
        {
            inputs[lengths] = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(input.Steps, input.Batch).ToArray(), [input.Batch]);
        }

        using var run = new RunOptions();
        using var outputs = session.Run(run, inputs, [signature.Output]);
        var data = outputs[0].GetTensorTypeAndShape().ElementDataType switch
        {
            TensorElementType.Double => Array.ConvertAll(outputs[0].GetTensorDataAsSpan<double>().ToArray(), v => (float)v),
            TensorElementType.Float16 => Array.ConvertAll(outputs[0].GetTensorDataAsSpan<Float16>().ToArray(), v => (float)v),
            _ => outputs[0].GetTensorDataAsSpan<float>().ToArray(),
        };
        var axes = signature.OutputAxes;
        var steps = axes.Contains(RowAxis.Time)
            ? (int)outputs[0].GetTensorTypeAndShape().Shape[TimeAxis(outputs[0].GetTensorTypeAndShape().Shape, axes)]
            : 1;
        var directions = axes.Contains(RowAxis.Direction) ? 2 : 1;
        (sizes[RowAxis.Time], sizes[RowAxis.Direction], sizes[RowAxis.Feature]) = (steps, directions,
            data.Length / steps / input.Batch / directions);
        var rows = Reordered(Array.ConvertAll(data, v => (double)v), axes, sizes,
            [RowAxis.Time, RowAxis.Batch, RowAxis.Direction, RowAxis.Feature]);
        return new Rows(rows, steps, input.Batch, data.Length / steps / input.Batch);
    }

    /// <summary>The largest absolute difference; both have to be of one shape.</summary>
    public static double Difference(Rows a, Rows b)
    {
        Xunit.Assert.Equal((a.Steps, a.Batch, a.Width), (b.Steps, b.Batch, b.Width));
        return a.Values.Zip(b.Values, (x, y) => Math.Abs(x - y)).Max();
    }

    private static OrtValue Tensor(TensorElementType type, double[] values, long[] shape) => type switch
    {
        TensorElementType.Int8 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (sbyte)v), shape),
        TensorElementType.UInt8 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (byte)v), shape),
        TensorElementType.Int16 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (short)v), shape),
        TensorElementType.UInt16 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (ushort)v), shape),
        TensorElementType.Int32 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (int)v), shape),
        TensorElementType.UInt32 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (uint)v), shape),
        TensorElementType.Int64 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (long)v), shape),
        TensorElementType.UInt64 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (ulong)v), shape),
        TensorElementType.Double => OrtValue.CreateTensorValueFromMemory(values, shape),
        TensorElementType.Float16 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (Float16)(float)v), shape),
        _ => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (float)v), shape),
    };

    // Axes of size 1 without a meaning stand in the shape, but not in the signature.
    private static int TimeAxis(long[] shape, IReadOnlyList<RowAxis> axes)
    {
        var index = axes.ToList().IndexOf(RowAxis.Time);
        return shape.Length == axes.Count ? index : Array.FindIndex(shape, index, s => s != 1) is >= 0 and var found ? found : index;
    }

    private static double[] Reordered(double[] values, IReadOnlyList<RowAxis> from, Dictionary<RowAxis, int> sizes,
        IReadOnlyList<RowAxis> to)
    {
        var strides = new Dictionary<RowAxis, int>();
        var stride = 1;
        foreach (var axis in from.Reverse())
        {
            strides[axis] = stride;
            stride *= sizes[axis];
        }

        var shape = to.Select(a => from.Contains(a) ? sizes[a] : 1).ToArray();
        return [.. Places.Of(shape, 0, [.. to.Select(a => strides.GetValueOrDefault(a))]).Select(p => values[p])];
    }
}
