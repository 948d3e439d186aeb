namespace RnnCodegen.Runtime;

/// <summary>
/// Lays out, for each window over time, the steps it sees as one row, so that a convolution is
/// a product and a pooling a reduction. Rows are [T, B, width]; a window's row has, feature
/// after feature, the feature's values of all its steps, which is PyTorch's order of a kernel.
/// </summary>
public static unsafe class TimeWindows
{
    /// <summary>Fills the rows of windows.</summary>
    /// <param name="x">Input rows [steps, batch], one every <paramref name="xStride"/> floats.</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="steps">Input steps.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="width">Features of an input row.</param>
    /// <param name="window">Which steps a window sees.</param>
    /// <param name="history">The PadLeft rows before the first step, [batch, PadLeft, width]; null for zeros.</param>
    /// <param name="historyStride">Floats from one sample's history to the next's.</param>
    /// <param name="lengths">Valid steps of each sample, counted from the sequence's
    /// start; null when all are. Those past it are seen as zeros.</param>
    /// <param name="first">The sequence's step that x starts with.</param>
    /// <param name="y">Receives the windows' rows [windows, batch].</param>
    /// <param name="yStride">Floats from one row of y to the next; what is behind a row's end becomes zero.</param>
    /// <param name="windows">Windows a sample.</param>
    public static void Gather(
        float* x, nint xStride, int steps, int batch, int width, in TimeWindow window, float* history, nint historyStride, int* lengths,
        int first, float* y, nint yStride, int windows)
    {
        nint size = window.Size;
        for (var t = 0; t < windows; t++)
        {
            for (var b = 0; b < batch; b++, y += yStride)
            {
                var valid = Valid(lengths, b, first, steps);
                for (var j = 0; j < window.Size; j++)
                {
                    var step = (t * window.Stride) + (j * window.Dilation) - window.PadLeft;
                    var source = step < 0
                        ? history == null ? null : history + (b * historyStride) + ((nint)(window.PadLeft + step) * width)
                        : step < valid ? x + ((((nint)step * batch) + b) * xStride) : null;
                    Spread(source, y + j, size, width);
                }

                var end = size * width;
                new Span<float>(y + end, (int)(yStride - end)).Clear();
            }
        }
    }

    /// <summary>Keeps the last PadLeft valid rows of each sample as what comes before the next segment.</summary>
    /// <param name="x">Input rows [steps, batch].</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="steps">Input steps.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="width">Features of an input row.</param>
    /// <param name="padLeft">Rows of a history.</param>
    /// <param name="history">The histories [batch, padLeft, width]: those before the segment on entry, those after it on return.</param>
    /// <param name="historyStride">Floats from one sample's history to the next's.</param>
    /// <param name="lengths">Valid steps of each sample; null when all are.</param>
    /// <param name="first">The sequence's step that x starts with.</param>
    public static void Carry(
        float* x, nint xStride, int steps, int batch, int width, int padLeft, float* history, nint historyStride, int* lengths, int first)
    {
        for (var b = 0; b < batch; b++, history += historyStride)
        {
            var valid = Valid(lengths, b, first, steps);
            for (var row = 0; valid > 0 && row < padLeft; row++)
            {
                // Rows only move to the front, so that none is overwritten before it was read.
                var step = valid - padLeft + row;
                var source = step < 0 ? history + ((nint)(row + valid) * width) : x + ((((nint)step * batch) + b) * xStride);
                Buffer.MemoryCopy(source, history + ((nint)row * width), width * sizeof(float), width * sizeof(float));
            }
        }
    }

    /// <summary>The gradient of <see cref="Carry"/> over a whole sequence.</summary>
    /// <param name="dHistory">On entry, the gradient of the histories after
    /// the sequence; on return, what of it belongs to those before.</param>
    /// <param name="historyStride">Floats from one sample's history to the next's.</param>
    /// <param name="dx">Gradient of the input rows; added to.</param>
    /// <param name="dxStride">Floats from one row of dx to the next.</param>
    /// <param name="steps">Input steps.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="width">Features of an input row.</param>
    /// <param name="padLeft">Rows of a history.</param>
    /// <param name="lengths">Valid steps of each sample; null when all are.</param>
    public static void CarryBackward(
        float* dHistory, nint historyStride, float* dx, nint dxStride, int steps, int batch, int width, int padLeft, int* lengths)
    {
        for (var b = 0; b < batch; b++, dHistory += historyStride)
        {
            var valid = Valid(lengths, b, 0, steps);
            for (var row = padLeft - 1; valid > 0 && row >= 0; row--)
            {
                var step = valid - padLeft + row;
                var source = dHistory + ((nint)row * width);
                var target = step < 0 ? dHistory + ((nint)(row + valid) * width) : dx + ((((nint)step * batch) + b) * dxStride);
                RowOps.Add(source, width, target, width, 1, width);
                new Span<float>(source, width).Clear();
            }
        }
    }

    /// <summary>The gradient of <see cref="Gather"/> over a whole sequence.</summary>
    /// <param name="dy">Gradient of the windows' rows [windows, batch].</param>
    /// <param name="dyStride">Floats from one row of dy to the next.</param>
    /// <param name="windows">Windows a sample.</param>
    /// <param name="window">Which steps a window sees.</param>
    /// <param name="dx">Gradient of the input rows [steps, batch]; added to.</param>
    /// <param name="dxStride">Floats from one row of dx to the next.</param>
    /// <param name="steps">Input steps.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="width">Features of an input row.</param>
    /// <param name="dHistory">Gradient of the histories [batch, PadLeft, width], added to; null where they are zeros.</param>
    /// <param name="historyStride">Floats from one sample's history to the next's.</param>
    /// <param name="lengths">Valid steps of each sample; null when all are.</param>
    public static void ScatterAdd(
        float* dy, nint dyStride, int windows, in TimeWindow window, float* dx, nint dxStride, int steps, int batch, int width,
        float* dHistory, nint historyStride, int* lengths)
    {
        nint size = window.Size;
        for (var t = 0; t < windows; t++)
        {
            for (var b = 0; b < batch; b++, dy += dyStride)
            {
                // A window past a sample's last one has no part in the loss.
                if (lengths != null && t >= window.Steps(lengths[b]))
                {
                    continue;
                }

                var valid = Valid(lengths, b, 0, steps);
                for (var j = 0; j < window.Size; j++)
                {
                    var step = (t * window.Stride) + (j * window.Dilation) - window.PadLeft;
                    var target = step < 0
                        ? dHistory == null ? null : dHistory + (b * historyStride) + ((nint)(window.PadLeft + step) * width)
                        : step < valid ? dx + ((((nint)step * batch) + b) * dxStride) : null;
                    for (nint i = 0; target != null && i < width; i++)
                    {
                        target[i] += dy[(i * size) + j];
                    }
                }
            }
        }
    }

    /// <summary>Windows of each sample's valid steps; null of null.</summary>
    /// <param name="lengths">Valid steps of each sample, or null.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="window">Which steps a window sees.</param>
    /// <param name="windows">Memory for the result.</param>
    public static int* Lengths(int* lengths, int batch, in TimeWindow window, int* windows)
    {
        if (lengths == null)
        {
            return null;
        }

        for (var b = 0; b < batch; b++)
        {
            windows[b] = window.Steps(lengths[b]);
        }

        return windows;
    }

    private static int Valid(int* lengths, int sample, int first, int steps) => lengths == null
        ? steps
        : Math.Clamp(lengths[sample] - first, 0, steps);

    private static void Spread(float* source, float* target, nint stride, nint width)
    {
        if (source == null)
        {
            for (nint i = 0; i < width; i++)
            {
                target[i * stride] = 0;
            }
        }
        else
        {
            for (nint i = 0; i < width; i++)
            {
                target[i * stride] = source[i];
            }
        }
    }
}
