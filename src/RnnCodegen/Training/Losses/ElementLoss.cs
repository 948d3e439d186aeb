using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// A loss that adds up over elements, each an output y and a target value t. Its mean is over the elements that count: the sum of
/// weight times loss over the sum of weights, every element having the weight of its sample times that of its step.
/// </summary>
public abstract class ElementLoss : RowLoss
{
    private static readonly float[] NoCoefficient = [0];

    private protected ElementLoss()
    {
    }

    /// <inheritdoc/>
    public sealed override TargetKind TargetKind => TargetKind.Values;

    /// <summary>
    /// Whether a target that is NaN stands for one that is not known: its elements count nowhere, neither in the sum nor in what the
    /// mean divides by, and their gradient is exactly 0. False, the default, refuses NaN. With several outputs per target, all of them
    /// fall away.
    /// </summary>
    public bool IgnoreNaN { get; init; }

    /// <summary>A number of each feature that the loss depends on, repeated until there are enough; or one for all.</summary>
    private protected virtual ReadOnlySpan<float> Coefficients => NoCoefficient;

    /// <summary>How many neighbouring outputs share one target value.</summary>
    private protected virtual int OutputsPerTarget => 1;

    /// <inheritdoc/>
    protected internal sealed override int TargetWidth(int features) => features / OutputsPerTarget;

    /// <inheritdoc/>
    protected internal sealed override string? FindEndless(LossTargets target, LossShape shape)
    {
        var width = TargetWidth(shape.Features);
        for (int row = 0, run; row < shape.Rows; row += run)
        {
            run = shape.Run(row, out var weight);
            var values = target.Rows(row, run, width).Values;
            var bad = weight > 0 ? FindBad(values) : -1;
            if (bad >= 0)
            {
                return FormattableString.Invariant(
                    $"Target {values[bad]} at {shape.Place(row + (bad / width))}, place {bad % width} of its row, is not finite; ") +
                    (float.IsNaN(values[bad]) ? "set the loss' IgnoreNaN, or " : "") +
                    "give what is not known a step outside the loss' window or of weight 0, or a sample of weight 0.";
            }
        }

        return null;
    }

    internal sealed override string Describe() => base.Describe() + (IgnoreNaN ? "; NaN ignored" : "");

    private protected sealed override double WeighRows(LossTargets target, int rows, int features)
    {
        if (!IgnoreNaN)
        {
            return (double)rows * features;
        }

        var known = 0L;
        foreach (var value in target.Values)
        {
            known += float.IsNaN(value) ? 0 : 1;
        }

        return (double)known * OutputsPerTarget;
    }

    /// <summary>The place of the first target that cannot be one; -1 where all can.</summary>
    private int FindBad(ReadOnlySpan<float> values)
    {
        var bad = GradientGuard.IndexOfBad(values);
        while (IgnoreNaN && bad >= 0 && float.IsNaN(values[bad]))
        {
            var next = GradientGuard.IndexOfBad(values[(bad + 1)..]);
            bad = next < 0 ? -1 : bad + 1 + next;
        }

        return bad;
    }

    /// <summary>Adds up a rule's losses over elements, and writes their gradients times a scale.</summary>
    [SkipLocalsInit]
    private protected double AddElements<TRule>(ReadOnlySpan<float> output, ReadOnlySpan<float> target, Span<float> gradient, float scale)
        where TRule : struct, IElementRule
    {
        Span<float> losses = stackalloc float[Part];
        Span<float> spread = stackalloc float[OutputsPerTarget > 1 ? Part : 0];
        Span<float> tiled = stackalloc float[Coefficients.Length > 1 ? Part : 0];
        var sum = 0.0;
        for (var start = 0; start < output.Length; start += Part)
        {
            var length = Math.Min(Part, output.Length - start);
            var targets = spread.IsEmpty ? target.Slice(start, length) : Spread(target, start, spread[..length]);
            Sweep<TRule>(
                output.Slice(start, length), targets, Tile(start, tiled[..Math.Min(length, tiled.Length)]), losses[..length],
                gradient.IsEmpty ? gradient : gradient.Slice(start, length), scale);
            sum += DoubleSum.Of(losses[..length]);
        }

        return sum;
    }

    private void Sweep<TRule>(
        ReadOnlySpan<float> output, ReadOnlySpan<float> target, ReadOnlySpan<float> coefficients, Span<float> losses, Span<float> gradient,
        float scale)
        where TRule : struct, IElementRule
    {
        var same = new Vector<float>(Coefficients[0]);
        var y = MemoryMarshal.Cast<float, Vector<float>>(output);
        var t = MemoryMarshal.Cast<float, Vector<float>>(target);
        var c = MemoryMarshal.Cast<float, Vector<float>>(coefficients);
        var l = MemoryMarshal.Cast<float, Vector<float>>(losses);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        Sweep<TRule>(y, t, c, same, IgnoreNaN, l, g, scale);

        var done = y.Length * Vector<float>.Count;
        if (done < output.Length)
        {
            var coefficient = coefficients.IsEmpty ? same : VectorTail.Load(coefficients[done..]);
            var tail = VectorTail.Load(target[done..]);
            var loss = TRule.Loss(VectorTail.Load(output[done..]), tail, coefficient, out var slope);
            VectorTail.Store(Known(tail, loss, IgnoreNaN, ref slope), losses[done..]);
            VectorTail.Store(slope * scale, gradient[Math.Min(done, gradient.Length)..]);
        }
    }

    // By itself, as in a method that calls others the compiler keeps its numbers in memory.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Sweep<TRule>(
        ReadOnlySpan<Vector<float>> y, ReadOnlySpan<Vector<float>> t, ReadOnlySpan<Vector<float>> c, Vector<float> same, bool ignoresNaN,
        Span<Vector<float>> l, Span<Vector<float>> g, float scale)
        where TRule : struct, IElementRule
    {
        for (var i = 0; i < y.Length; i++)
        {
            var loss = TRule.Loss(y[i], t[i], i < c.Length ? c[i] : same, out var slope);
            l[i] = Known(t[i], loss, ignoresNaN, ref slope);
            if (i < g.Length)
            {
                g[i] = slope * scale;
            }
        }
    }

    /// <summary>Losses and slopes without those of unknown targets, where there may be some.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Known(Vector<float> target, Vector<float> loss, bool ignoresNaN, ref Vector<float> slope)
    {
        if (!ignoresNaN)
        {
            return loss;
        }

        var known = Vector.Equals(target, target);
        slope = Vector.ConditionalSelect(known, slope, Vector<float>.Zero);
        return Vector.ConditionalSelect(known, loss, Vector<float>.Zero);
    }

    /// <summary>Repeats each target value for all outputs that share it.</summary>
    private Span<float> Spread(ReadOnlySpan<float> target, int start, Span<float> spread)
    {
        var outputs = OutputsPerTarget;
        var (from, next) = Math.DivRem(start, outputs);
        for (var i = 0; i < spread.Length; i++)
        {
            spread[i] = target[from];
            if (++next == outputs)
            {
                (from, next) = (from + 1, 0);
            }
        }

        return spread;
    }

    /// <summary>Repeats the coefficients along the elements.</summary>
    private Span<float> Tile(int start, Span<float> tiled)
    {
        var coefficients = Coefficients;
        var next = start % coefficients.Length;
        for (var i = 0; i < tiled.Length; i++)
        {
            tiled[i] = coefficients[next];
            next = next + 1 == coefficients.Length ? 0 : next + 1;
        }

        return tiled;
    }

    /// <summary>The loss of elements and its derivative by y.</summary>
    private protected interface IElementRule
    {
        static abstract Vector<float> Loss(Vector<float> y, Vector<float> t, Vector<float> coefficient, out Vector<float> slope);
    }
}
