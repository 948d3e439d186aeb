using RnnCodegen.Kernels;

namespace RnnCodegen;

/// <summary>What inference does to output rows after the last layer.</summary>
internal static unsafe class OutputRows
{
    /// <summary>Transforms rows that stand one after the other.</summary>
    public static void Transform(ModelDefinition model, float* rows, nint count)
    {
        var width = model.OutputSize;
        switch (model.Output)
        {
            case OutputTransform.Softmax:
                RowOps.Softmax(rows, width, count, width);
                break;
            case OutputTransform.LogSoftmax:
                RowOps.LogSoftmax(rows, width, count, width);
                break;
            case OutputTransform.Sigmoid:
                RowOps.Sigmoid(rows, width, count, width);
                break;
        }
    }

    /// <summary>Transforms a call's rows, and clears those past their sample's length.</summary>
    public static void Transform(ModelDefinition model, in ModelCall call)
    {
        if (model.Output == OutputTransform.None)
        {
            return;
        }

        var steps = model.OutputIsSequence ? call.Steps : 1;
        var lengths = model.OutputIsSequence ? call.Lengths : null;
        if (call.Batch == call.WholeBatch)
        {
            Transform(model, call.Output, (nint)steps * call.Batch);
            RowOps.ClearPastLengths(call.Output, model.OutputSize, steps, 0, call.Batch, model.OutputSize, lengths);
            return;
        }

        for (var t = 0; t < steps; t++)
        {
            var rows = call.Output + ((nint)t * call.WholeBatch * model.OutputSize);
            Transform(model, rows, call.Batch);
            RowOps.ClearPastLengths(rows, model.OutputSize, 1, t, call.Batch, model.OutputSize, lengths);
        }
    }
}
