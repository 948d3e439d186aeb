namespace RnnCodegen.Interchange.Onnx;

/// <summary>A size that may depend on the call: a number times the sizes of some axes.</summary>
internal sealed class AxisSize
{
    // A product of more axes than a tensor has.
    private const int MaxAxes = 16;

    private readonly long _factor;
    private readonly Axis[] _axes;

    private AxisSize(long factor, Axis[] axes) => (_factor, _axes) = (factor, axes);

    public static AxisSize One { get; } = new(1, []);

    /// <summary>The number, where it depends on no call.</summary>
    public long? Value => Known() is { Axes.Count: 0 } known ? known.Factor : null;

    public bool IsOne => Value == 1;

    public static AxisSize Of(long value) => new(value, []);

    public static AxisSize Of(Axis axis) => new(1, axis.Parts.Length > 0 ? axis.Parts : [axis]);

    /// <summary>The product; null where it is past all sense.</summary>
    public static AxisSize? operator *(AxisSize a, AxisSize b)
    {
        var (x, y) = (a.Known(), b.Known());
        return Math.BigMul(x.Factor, y.Factor, out var product) == product >> 63 && x.Axes.Count + y.Axes.Count <= MaxAxes
            ? new AxisSize(product, [.. x.Axes, .. y.Axes])
            : null;
    }

    /// <summary>What times <paramref name="divisor"/> is this; null where nothing is known to be.</summary>
    public AxisSize? DividedBy(AxisSize divisor)
    {
        var (x, y) = (Known(), divisor.Known());
        if (y.Factor <= 0 || x.Factor % y.Factor != 0)
        {
            return null;
        }

        foreach (var axis in y.Axes)
        {
            if (!x.Axes.Remove(axis))
            {
                return null;
            }
        }

        return new AxisSize(x.Factor / y.Factor, [.. x.Axes]);
    }

    public bool Equals(AxisSize other) => Value is { } value && other.Value is { } same
        ? value == same
        : DividedBy(other) is { IsOne: true };

    private (long Factor, List<Axis> Axes) Known()
    {
        var (factor, axes) = (_factor, new List<Axis>());
        foreach (var axis in _axes)
        {
            if (axis.Size is { } size)
            {
                factor = unchecked(factor * size);
            }
            else
            {
                axes.Add(axis.Find());
            }
        }

        return (factor, axes);
    }
}
