using System.Numerics;

namespace RnnCodegen.Runtime;

/// <summary>
/// Lays out what each output of a convolution inside a row sees as a row of its own, so that the convolution is one product, and puts the
/// products' rows together. A row of [Channels, Length] becomes as many rows as it has outputs, one after the other, each with the places
/// seen of one channel after the other, which is PyTorch's order of a kernel.
/// </summary>
public static unsafe class RowWindows
{
    /// <summary>Fills the rows of windows.</summary>
    /// <param name="x">Rows [rows, Channels Length], one every <paramref name="xStride"/> floats.</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="window">What each output sees.</param>
    /// <param name="y">Receives the windows [rows Positions, Channels Size].</param>
    /// <param name="yStride">Floats from one row of y to the next; what is behind a row's end becomes zero.</param>
    public static void Gather(float* x, nint xStride, nint rows, in RowWindow window, float* y, nint yStride)
    {
        nint size = window.Size, length = window.Length, end = window.Channels * size;
        for (; rows > 0; rows--, x += xStride)
        {
            for (var p = 0; p < window.Positions; p++, y += yStride)
            {
                nint first = (p * window.Stride) - window.PadLeft;
                var isInside = first >= 0 && first + size <= length;
                if (window.Dilation == 1 && (isInside || !window.Mirrors))
                {
                    GatherRun(x, x + (window.Channels * length), window, first, y, y + yStride);
                }
                else
                {
                    for (var j = 0; j < window.Size; j++)
                    {
                        nint seen = window.Seen(p, j);
                        for (nint c = 0; c < window.Channels; c++)
                        {
                            y[(c * size) + j] = seen < 0 ? 0 : x[(c * length) + seen];
                        }
                    }
                }

                new Span<float>(y + end, (int)(yStride - end)).Clear();
            }
        }
    }

    // Places next to each other, of each channel, with zeros where there is none.
    private static void GatherRun(float* x, float* xEnd, in RowWindow window, nint first, float* y, float* yEnd)
    {
        nint size = window.Size, length = window.Length;
        var before = Math.Clamp(-first, 0, size);
        var behind = Math.Clamp(length - first, before, size);
        float* source = x + Math.Max(0, first);
        for (nint c = 0; c < window.Channels; c++, source += length, y += size)
        {
            for (nint j = 0; j < before; j++)
            {
                y[j] = 0;
            }

            // A whole vector where it stays inside both rows: what it puts behind the window is written after it.
            if (behind - before < Vector<float>.Count && source + Vector<float>.Count <= xEnd && y + before + Vector<float>.Count <= yEnd)
            {
                Vector.Load(source).Store(y + before);
            }
            else
            {
                RowOps.CopyRow(source, y + before, behind - before);
            }

            for (var j = behind; j < size; j++)
            {
                y[j] = 0;
            }
        }
    }

    /// <summary>The gradient of <see cref="Gather"/>, added to that of the rows.</summary>
    /// <param name="dy">Gradients of windows [rows Positions, Channels Size].</param>
    /// <param name="yStride">Floats from one row of dy to the next.</param>
    /// <param name="rows">Rows of dx.</param>
    /// <param name="window">What each output sees.</param>
    /// <param name="dx">Gradients of rows [rows, Channels Length], which are added to.</param>
    /// <param name="xStride">Floats from one row of dx to the next.</param>
    public static void ScatterAdd(float* dy, nint yStride, nint rows, in RowWindow window, float* dx, nint xStride)
    {
        nint size = window.Size, length = window.Length;
        for (; rows > 0; rows--, dx += xStride)
        {
            for (var p = 0; p < window.Positions; p++, dy += yStride)
            {
                for (var j = 0; j < window.Size; j++)
                {
                    nint seen = window.Seen(p, j);
                    for (nint c = 0; seen >= 0 && c < window.Channels; c++)
                    {
                        dx[(c * length) + seen] += dy[(c * size) + j];
                    }
                }
            }
        }
    }

    /// <summary>Puts the products' rows together: those of a row's outputs become [filters, positions].</summary>
    /// <param name="x">Rows [rows positions, filters].</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="rows">Rows of y.</param>
    /// <param name="positions">Outputs a row.</param>
    /// <param name="filters">Values of a row of x.</param>
    /// <param name="y">Receives rows [rows, filters positions].</param>
    /// <param name="yStride">Floats from one row of y to the next.</param>
    public static void Join(float* x, nint xStride, nint rows, nint positions, nint filters, float* y, nint yStride)
    {
        for (; rows > 0; rows--, x += positions * xStride, y += yStride)
        {
            for (nint f = 0; f < filters; f++)
            {
                for (nint p = 0; p < positions; p++)
                {
                    y[(f * positions) + p] = x[(p * xStride) + f];
                }
            }
        }
    }

    /// <summary>Takes rows apart again: the gradient of <see cref="Join"/>.</summary>
    /// <param name="dy">Gradients of rows [rows, filters positions].</param>
    /// <param name="yStride">Floats from one row of dy to the next.</param>
    /// <param name="rows">Rows of dy.</param>
    /// <param name="positions">Outputs a row.</param>
    /// <param name="filters">Values of a row of dx.</param>
    /// <param name="dx">Receives rows [rows positions, filters].</param>
    /// <param name="xStride">Floats from one row of dx to the next; what is behind a row's end becomes zero.</param>
    public static void Split(float* dy, nint yStride, nint rows, nint positions, nint filters, float* dx, nint xStride)
    {
        for (; rows > 0; rows--, dy += yStride)
        {
            for (nint p = 0; p < positions; p++, dx += xStride)
            {
                for (nint f = 0; f < filters; f++)
                {
                    dx[f] = dy[(f * positions) + p];
                }

                new Span<float>(dx + filters, (int)(xStride - filters)).Clear();
            }
        }
    }
}
