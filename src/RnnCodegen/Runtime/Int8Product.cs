using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

/// <summary>
/// Products of rows with 8-bit weights. How the bytes of activations are laid out is the machine's: as its instructions multiply them best
/// with signed weights. Sums are 32-bit integers and exact; therefore every machine gives the same ones.
/// </summary>
public static unsafe partial class Int8Product
{
    /// <summary>c[rows, columns] = start + (a w), a and w being what bytes and scales stand for.</summary>
    /// <param name="q">Rows of bytes, as <see cref="Quantize"/> made them.</param>
    /// <param name="ldq">Bytes from one row to the next.</param>
    /// <param name="scales">The rows' scales.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="w">Weights as <see cref="Int8Packer.PackRows"/> laid them out.</param>
    /// <param name="start">The row, or rows, that sums start from.</param>
    /// <param name="ldStart">Floats from one of them to the next; 0 for one row.</param>
    /// <param name="c">Receives the result; may be <paramref name="start"/>.</param>
    /// <param name="ldc">Floats from one of its rows to the next.</param>
    /// <param name="k">K.</param>
    /// <param name="columns">N, a multiple of <see cref="Int8Packer.Lanes"/>.</param>
    /// <param name="turn">Panels are walked forwards where it is even and backwards where it is odd.</param>
    public static void Multiply(
        byte* q, nint ldq, ByteScale* scales, nint rows, float* w, float* start, nint ldStart, float* c, nint ldc, nint k, nint columns,
        int turn)
    {
        var groups = Int8Packer.Groups(k);
        var columnScales = w + Int8Packer.ScalesAt(k, columns);
        var offsets = (int*)(w + Int8Packer.OffsetsAt(k, columns));
        var (last, isForward) = (columns - 1, (turn & 1) == 0);
        for (nint done = 0; done < columns;)
        {
            var (first, width) = Int8Packer.Panel(isForward ? done : last - done, columns);
            var weights = (sbyte*)w + (4 * first * groups);
            for (nint r = 0; r < rows; r++)
            {
                Columns(
                    q + (r * ldq), weights, groups, width, scales[r], columnScales + first, offsets + first,
                    start + (r * ldStart) + first, c + (r * ldc) + first);
            }

            done += width;
        }
    }

    /// <summary>c[columns] = start + (a w) + (b u): one row of an input and one of a state, panel by panel.</summary>
    /// <param name="a">Bytes of the input's row.</param>
    /// <param name="scaleA">Its scale.</param>
    /// <param name="w">Its weights.</param>
    /// <param name="k">Its length.</param>
    /// <param name="b">Bytes of the state's row.</param>
    /// <param name="scaleB">Its scale.</param>
    /// <param name="u">Its weights.</param>
    /// <param name="l">Its length.</param>
    /// <param name="start">The row that sums start from.</param>
    /// <param name="c">Receives the result.</param>
    /// <param name="columns">N, a multiple of <see cref="Int8Packer.Lanes"/>.</param>
    /// <param name="turn">Panels are walked forwards where it is even and backwards where it is odd.</param>
    public static void MultiplyPair(
        byte* a, ByteScale scaleA, float* w, nint k, byte* b, ByteScale scaleB, float* u, nint l, float* start, float* c, nint columns,
        int turn)
    {
        var (groupsA, groupsB) = (Int8Packer.Groups(k), Int8Packer.Groups(l));
        var (scalesA, scalesB) = (Int8Packer.ScalesAt(k, columns), Int8Packer.ScalesAt(l, columns));
        var (offsetsA, offsetsB) = (Int8Packer.OffsetsAt(k, columns), Int8Packer.OffsetsAt(l, columns));
        var (last, isForward) = (columns - 1, (turn & 1) == 0);
        for (nint done = 0; done < columns;)
        {
            var (first, width) = Int8Packer.Panel(isForward ? done : last - done, columns);
            Columns(
                a, (sbyte*)w + (4 * first * groupsA), groupsA, width, scaleA, w + scalesA + first, (int*)w + offsetsA + first,
                start + first, c + first);
            Columns(b, (sbyte*)u + (4 * first * groupsB), groupsB, width, scaleB, u + scalesB + first, (int*)u + offsetsB + first,
                c + first, c + first);
            done += width;
        }
    }

    /// <summary>Turns the integer sums of eight columns into floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> sums, float scale, float* scales, float* start, float* c, nint column)
    {
        var value = Vector256.ConvertToSingle(sums);
        Vector256.Store(
            Vector256.MultiplyAddEstimate(value, Vector256.Load(scales + column) * scale, Vector256.Load(start + column)), c + column);
    }

    /// <summary>The same of four columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> sums, float scale, float* scales, float* start, float* c, nint column)
    {
        var value = Vector128.ConvertToSingle(sums);
        Vector128.Store(
            Vector128.MultiplyAddEstimate(value, Vector128.Load(scales + column) * scale, Vector128.Load(start + column)), c + column);
    }
}
