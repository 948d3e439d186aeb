using System.Numerics.Tensors;

namespace RnnCodegen.Runtime;

/// <summary>
/// Pools sequences step by step. What was seen so far is a state, all zeros before the first step. Of a
/// maximum it is width + 1 floats a sample: the maxima, then 1 once there was a step. Else it is 2 width +
/// 3: the sums, the number (or weight) of steps, the largest score, and the low parts of the sums and of
/// the number, as <see cref="LongSums"/> keeps them, so that a mean stays right however long a stream is.
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
        SequencePooling pooling, float* weights, float* x, nint xStride, int steps, int batch, int width, int* lengths, int first,
        float* state, nint stateStride)
    {
        for (var b = 0; b < batch; b++, state += stateStride)
        {
            var valid = lengths == null ? steps : Math.Clamp(lengths[b] - first, 0, steps);
            for (var t = 0; t < valid; t++)
            {
                var row = x + ((((nint)t * batch) + b) * xStride);
                var values = new ReadOnlySpan<float>(row, width);
                switch (pooling)
                {
                    case SequencePooling.Average:
                        Add(row, 1, 1, state, width);
                        break;
                    case SequencePooling.Attention:
                        AddScored(row, TensorPrimitives.Dot(values, new ReadOnlySpan<float>(weights, width)), state, width);
                        break;
                    case SequencePooling.Max:
                        AddToMaximum(values, new Span<float>(state, width), ref state[width]);
                        break;
                }
            }
        }
    }

    /// <summary>What the states say: one row per sample; zeros of a sample without a step.</summary>
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
            if (state[width] == 0)
            {
                new Span<float>(y, width).Clear();
            }
            else if (pooling == SequencePooling.Max)
            {
                new ReadOnlySpan<float>(state, width).CopyTo(new Span<float>(y, width));
            }
            else
            {
                LongSums.Divide(state, Low(state, width), Weight(state, width), y, width);
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
    /// <param name="low">Floats from a sum over steps to its low part, as in
    /// <see cref="VectorMath.AddTo(float, float*, nint)"/>; 0 for none.</param>
    public static void Backward(
        SequencePooling pooling, float* weights, float* x, nint xStride, int steps, int batch, int width, int* lengths, float* state,
        nint stateStride, float* y, float* dy, nint yStride, float* dx, nint dxStride, float* dWeights, nint low = 0)
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

            var weight = Weight(state, width);
            var centre = TensorPrimitives.Dot(gradient, new ReadOnlySpan<float>(y, width));
            for (var t = 0; t < valid; t++, xRow += batch * xStride, dxRow += batch * dxStride)
            {
                var target = new Span<float>(dxRow, width);
                if (pooling == SequencePooling.Average)
                {
                    TensorPrimitives.MultiplyAdd(gradient, (float)(1 / weight), target, target);
                    continue;
                }

                // y = sum a_t x_t: the share a_t of dy, and through the score a_t (x_t - y) . dy times w.
                var row = new ReadOnlySpan<float>(xRow, width);
                var w = new ReadOnlySpan<float>(weights, width);
                var share = (float)(Math.Exp((double)TensorPrimitives.Dot(row, w) - state[width + 1]) / weight);
                var dScore = share * (TensorPrimitives.Dot(gradient, row) - centre);
                TensorPrimitives.MultiplyAdd(gradient, share, target, target);
                TensorPrimitives.MultiplyAdd(w, dScore, target, target);
                var scored = new ScaledRow(xRow, dScore, dWeights, low);
                ColumnSweep.Run(ref scored, width);
            }
        }
    }

    // Shares are relative to the largest score, so that none overflows. In double precision: each step may scale the sums anew.
    private static void AddScored(float* row, float score, float* state, int width)
    {
        ref var top = ref state[width + 1];
        if (state[width] != 0 && score <= top)
        {
            Add(row, 1, Math.Exp((double)score - top), state, width);
            return;
        }

        Add(row, state[width] == 0 ? 1 : Math.Exp((double)top - score), 1, state, width);
        top = score;
    }

    private static void Add(float* row, double scale, double share, float* state, int width)
    {
        var low = Low(state, width);
        LongSums.Add(state, low, scale, row, share, width);
        (state[width], low[width]) = LongSums.Split((Weight(state, width) * scale) + share);
    }

    private static void AddToMaximum(ReadOnlySpan<float> row, Span<float> maxima, ref float hasStep)
    {
        if (hasStep == 0)
        {
            row.CopyTo(maxima);
            hasStep = 1;
        }

        TensorPrimitives.Max(maxima, row, maxima);
    }

    private static double Weight(float* state, int width) => (double)state[width] + Low(state, width)[width];

    private static float* Low(float* state, int width) => state + width + 2;

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

    // sum += x * factor.
    private readonly struct ScaledRow(float* x, float factor, float* sum, nint low) : IColumnKernel
    {
        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                VectorMath.AddTo<TOps, TVector>(TOps.Multiply(TOps.Load(x + column), TOps.Create(factor)), sum + column, low);
            }

            return column;
        }
    }
}
