using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace RnnCodegen.Runtime;

/// <summary>
/// Work on matrices whose shape is known at run time only. A matrix is <c>rows</c> rows of <c>width</c> floats, a row every
/// <c>stride</c> floats. Nothing is checked and nothing allocated: sizes and overlaps are the caller's to get right.
/// </summary>
public static unsafe partial class RowOps
{
    /// <summary>target = source; the two do not overlap.</summary>
    public static void Copy(float* source, nint sourceStride, float* target, nint targetStride, nint rows, nint width)
    {
        Flatten(sourceStride == width && targetStride == width, ref rows, ref width);
        for (; rows > 0; rows--, source += sourceStride, target += targetStride)
        {
            Buffer.MemoryCopy(source, target, width * sizeof(float), width * sizeof(float));
        }
    }

    /// <summary>target = source, one row, which as a rule is so short that a call would take as long. The two do not overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyRow(float* source, float* target, nint width)
    {
        nint i = 0;
        for (; i + Vector<float>.Count <= width; i += Vector<float>.Count)
        {
            Vector.Load(source + i).Store(target + i);
        }

        for (; i < width; i++)
        {
            target[i] = source[i];
        }
    }

    /// <summary>
    /// target = source for rows [steps, batch] of which each matrix has
    /// more: so many rows from one step to the next. The two do not overlap.
    /// </summary>
    public static void CopySteps(
        float* source, nint sourceStride, nint sourceRows, float* target, nint targetStride, nint targetRows, nint steps, nint batch,
        nint width)
    {
        if (sourceRows == batch && targetRows == batch)
        {
            Copy(source, sourceStride, target, targetStride, steps * batch, width);
            return;
        }

        for (; steps > 0; steps--, source += sourceRows * sourceStride, target += targetRows * targetStride)
        {
            Copy(source, sourceStride, target, targetStride, batch, width);
        }
    }

    /// <summary>target = 0.</summary>
    public static void Clear(float* target, nint stride, nint rows, nint width)
    {
        Flatten(stride == width, ref rows, ref width);
        for (; rows > 0; rows--, target += stride)
        {
            new Span<float>(target, (int)width).Clear();
        }
    }

    /// <summary>target += source; the two are the same or do not overlap.</summary>
    public static void Add(float* source, nint sourceStride, float* target, nint targetStride, nint rows, nint width)
    {
        Flatten(sourceStride == width && targetStride == width, ref rows, ref width);
        for (; rows > 0; rows--, source += sourceStride, target += targetStride)
        {
            var sum = new Span<float>(target, (int)width);
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>(source, (int)width), sum);
        }
    }

    // Rows without gaps are one long row, as long as a span can hold it: narrow rows would spend their time on the calls.
    private static void Flatten(bool dense, ref nint rows, ref nint width)
    {
        if (dense && rows * width <= int.MaxValue)
        {
            width *= rows;
            rows = Math.Min(rows, 1);
        }
    }
}
