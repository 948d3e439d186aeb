using System.Numerics.Tensors;

namespace RnnCodegen.Kernels;

/// <summary>How a sequence becomes one row.</summary>
public enum SequencePooling
{
    /// <summary>The mean of the valid steps.</summary>
    Average,

    /// <summary>The largest value of each feature.</summary>
    Max,

    /// <summary>The mean with weights softmax_t(w . x_t).</summary>
    Attention,
}

/// <summary>
/// Pools sequences step by step. What was seen so far is a state of width + 2 floats a sample: the sum (or maximum), the number (or weight) of steps,
/// and the largest score; all zeros before the first step.
/// </summary>
public static unsafe class SequencePool
{
    /// <summary>Takes further steps into the state.</summary>
    /// <param name="pooling">How steps are pooled.</param>
    /// <param name="weights">w [width] of attention; null else.</param>
    /// <param name="x">Rows [steps, batch].</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="width">Features.</param>
    /// <param name="lengths">Valid steps of each sample, counted from the sequence's start; null when all are.</param>
    /// <param name="first">The sequence's step that x starts with.</param>
    /// <param name="state">The samples' states.</param>
    /// <param name="stateStride">Floats from one sample's state to the next's.</param>
    public static void Add(
        SequencePooling pooling, float* weights, float* x, nint xStride, int steps, int batch, int width, int* lengths, int first, float* state, nint stateStride)
    {
        for (var b = 0; b < batch; b++, state += stateStride)
        {
            var valid = lengths == null ? steps : Math.Clamp(lengths[b] - first, 0, steps);
            var sum = new Span<float>(state, width);
            ref var count = ref state[width];
            ref var top = ref state[width + 1];
            for (var t = 0; t < valid; t++)
            {
                var row = new ReadOnlySpan<float>(x + ((((nint)t * batch) + b) * xStride), width);
                if (pooling == SequencePooling.Attention)
                {
                    AddScored(row, TensorPrimitives.Dot(row, new ReadOnlySpan<float>(weights, width)), sum, ref count, ref top);
                }
                else if (pooling == SequencePooling.Average)
                {
                    TensorPrimitives.Add(sum, row, sum);
                    count++;
                }
                else
                {
                    if (count == 0)
                    {
                        row.CopyTo(sum);
                    }

                    TensorPrimitives.Max(sum, row, sum);
                    count++;
                }
            }
        }
    }

    /// <summary>What the states say: a row a sample; zeros of a sample without a step.</summary>
    /// <param name="pooling">How steps are pooled.</param>
    /// <param name="state">The samples' states.</param>
    /// <param name="stateStride">Floats from one sample's state to the next's.</param>
    /// <param name="y">Receives the rows [batch].</param>
    /// <param name="yStride">Floats from one row of y to the next.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="width">Features.</param>
    public static void Finish(SequencePooling pooling, float* state, nint stateStride, float* y, nint yStride, nint batch, int width)
    {
        for (; batch > 0; batch--, state += stateStride, y += yStride)
        {
            var row = new Span<float>(y, width);
            var count = state[width];
            if (count == 0)
            {
                row.Clear();
            }
            else
            {
                TensorPrimitives.Divide(new ReadOnlySpan<float>(state, width), pooling == SequencePooling.Max ? 1 : count, row);
            }
        }
    }

    /// <summary>The gradient of the rows that <see cref="Finish"/> gave, for a whole sequence. None goes to the state before it.</summary>
    /// <param name="pooling">How steps are pooled.</param>
    /// <param name="weights">w [width] of attention; null else.</param>
    /// <param name="x">Rows [steps, batch].</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="width">Features.</param>
    /// <param name="lengths">Valid steps of each sample; null when all are.</param>
    /// <param name="state">The states after the sequence.</param>
    /// <param name="stateStride">Floats from one sample's state to the next's.</param>
    /// <param name="y">The pooled rows [batch].</param>
    /// <param name="dy">Their gradient.</param>
    /// <param name="yStride">Floats from one row of y, and of dy, to the next.</param>
    /// <param name="dx">Gradient of x; added to.</param>
    /// <param name="dxStride">Floats from one row of dx to the next.</param>
    /// <param name="dWeights">Gradient of w, added to; null where there is none.</param>
    public static void Backward(
        SequencePooling pooling, float* weights, float* x, nint xStride, int steps, int batch, int width, int* lengths, float* state, nint stateStride,
        float* y, float* dy, nint yStride, float* dx, nint dxStride, float* dWeights)
    {
        for (var b = 0; b < batch; b++, state += stateStride, y += yStride, dy += yStride)
        {
            var valid = lengths == null ? steps : Math.Clamp(lengths[b], 0, steps);
            var gradient = new ReadOnlySpan<float>(dy, width);
            var xRow = x + (b * xStride);
            var dxRow = dx + (b * dxStride);
            if (pooling == SequencePooling.Max)
            {
                GiveToFirst(xRow, batch * xStride, valid, width, state, dy, dxRow, batch * dxStride);
                continue;
            }

            var centre = TensorPrimitives.Dot(gradient, new ReadOnlySpan<float>(y, width));
            for (var t = 0; t < valid; t++, xRow += batch * xStride, dxRow += batch * dxStride)
            {
                var target = new Span<float>(dxRow, width);
                if (pooling == SequencePooling.Average)
                {
                    TensorPrimitives.MultiplyAdd(gradient, 1 / state[width], target, target);
                    continue;
                }

                // y = sum a_t x_t: the share a_t of dy, and through the score a_t (x_t - y) . dy times w.
                var row = new ReadOnlySpan<float>(xRow, width);
                var w = new ReadOnlySpan<float>(weights, width);
                var share = MathF.Exp(TensorPrimitives.Dot(row, w) - state[width + 1]) / state[width];
                var dScore = share * (TensorPrimitives.Dot(gradient, row) - centre);
                TensorPrimitives.MultiplyAdd(gradient, share, target, target);
                TensorPrimitives.MultiplyAdd(w, dScore, target, target);
                var sum = new Span<float>(dWeights, width);
                TensorPrimitives.MultiplyAdd(row, dScore, sum, sum);
            }
        }
    }

    private static void AddScored(ReadOnlySpan<float> row, float score, Span<float> sum, ref float weight, ref float top)
    {
        if (weight == 0)
        {
            row.CopyTo(sum);
            (weight, top) = (1, score);
        }
        else if (score <= top)
        {
            var share = MathF.Exp(score - top);
            TensorPrimitives.MultiplyAdd(row, share, sum, sum);
            weight += share;
        }
        else
        {
            // Shares are relative to the largest score, so that none overflows.
            var share = MathF.Exp(top - score);
            TensorPrimitives.MultiplyAdd(sum, share, row, sum);
            (weight, top) = ((weight * share) + 1, score);
        }
    }

    private static void GiveToFirst(float* x, nint xStep, int steps, int width, float* maxima, float* dy, float* dx, nint dxStep)
    {
        for (nint i = 0; i < width; i++)
        {
            for (var t = 0; t < steps; t++)
            {
                if (x[(t * xStep) + i] == maxima[i])
                {
                    dx[(t * dxStep) + i] += dy[i];
                    break;
                }
            }
        }
    }
}
