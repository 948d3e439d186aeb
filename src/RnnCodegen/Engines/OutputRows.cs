using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>The transform that inference applies to output rows after the last layer.</summary>
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

        var steps = model.OutputIsSequence ? model.OutputSteps(call.Steps) : 1;
        if (call.Batch == call.WholeBatch)
        {
            Transform(model, call.Output, (nint)steps * call.Batch);
        }
        else
        {
            for (var t = 0; t < steps; t++)
            {
                Transform(model, call.Output + ((nint)t * call.WholeBatch * model.OutputSize), call.Batch);
            }
        }

        for (var b = 0; model.OutputIsSequence && call.Lengths != null && b < call.Batch; b++)
        {
            nint valid = model.OutputSteps(call.Lengths[b]);
            var row = (nint)call.WholeBatch * model.OutputSize;
            RowOps.Clear(call.Output + (valid * row) + (b * model.OutputSize), row, steps - valid, model.OutputSize);
        }
    }
}
