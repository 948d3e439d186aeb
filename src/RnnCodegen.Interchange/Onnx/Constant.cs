namespace RnnCodegen.Interchange.Onnx;

/// <summary>A tensor whose values are known: reals (as floats) or integers (of any width, and truth values).</summary>
internal sealed class Constant
{
    /// <summary>More axes than any operator here gives a meaning.</summary>
    public const int MaxRank = 8;

    private Constant(int[] shape, float[]? reals, long[]? integers) => (Shape, RealValues, IntegerValues) = (shape, reals, integers);

    public int[] Shape { get; }

    /// <summary>The values, row-major; null where they are integers.</summary>
    public float[]? RealValues { get; }

    /// <summary>The values, row-major; null where they are reals.</summary>
    public long[]? IntegerValues { get; }

    public int Length => RealValues?.Length ?? IntegerValues!.Length;

    public static Constant Of(int[] shape, float[] values) => new(shape, values, null);

    public static Constant Of(int[] shape, long[] values) => new(shape, null, values);

    /// <summary>The values as reals.</summary>
    public float[] ToReals() => RealValues ?? Array.ConvertAll(IntegerValues!, v => (float)v);

    /// <summary>The one number that all values are.</summary>
    public Constant Uniform() => Taken([], [0]);

    /// <summary>The same values in another shape of as many.</summary>
    public Constant Reshaped(int[] shape) => new(shape, RealValues, IntegerValues);

    /// <summary>A tensor of the given shape that takes each value from a place of this one.</summary>
    public Constant Taken(int[] shape, int[] places) => RealValues is { } reals
        ? Of(shape, Array.ConvertAll(places, p => reals[p]))
        : Of(shape, Array.ConvertAll(places, p => IntegerValues![p]));

    public override string ToString() => Describe(Shape);

    public static string Describe(IEnumerable<int> shape) => $"[{string.Join(", ", shape)}]";
}
