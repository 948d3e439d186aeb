using System.Globalization;
using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>An offset and a divisor for each feature of a row.</summary>
internal sealed class FeatureScale(FeatureScaling scaling, float[] offsets, float[] divisors)
{
    public FeatureScaling Scaling => scaling;

    public int Size => offsets.Length;

    /// <summary>Whether a feature stays as it is.</summary>
    public bool Keeps(int feature) => offsets[feature] == 0 && divisors[feature] == 1;

    /// <summary>The same scale, with features that stay as they are.</summary>
    public FeatureScale Keeping(IEnumerable<int> features)
    {
        var (first, second) = ((float[])offsets.Clone(), (float[])divisors.Clone());
        foreach (var feature in features)
        {
            (first[feature], second[feature]) = (0, 1);
        }

        return new FeatureScale(scaling, first, second);
    }

    /// <summary>(x - offset) / divisor, row by row; both may be the same memory.</summary>
    public void Apply(ReadOnlySpan<float> rows, Span<float> target, string what)
    {
        RequireRows(rows.Length, target.Length, what, 1);
        for (var start = 0; start < rows.Length; start += Size)
        {
            var row = target.Slice(start, Size);
            TensorPrimitives.Subtract(rows.Slice(start, Size), offsets, row);
            TensorPrimitives.Divide(row, divisors, row);
        }
    }

    /// <summary>y divisor + offset, with so many neighbouring values for each feature; both may be the same memory.</summary>
    public void Undo(ReadOnlySpan<float> rows, Span<float> target, int each, string what)
    {
        RequireRows(rows.Length, target.Length, what, each);
        var (feature, next) = (0, 0);
        for (var i = 0; i < rows.Length; i++)
        {
            target[i] = (rows[i] * divisors[feature]) + offsets[feature];
            if (++next == each)
            {
                (feature, next) = (feature + 1 == Size ? 0 : feature + 1, 0);
            }
        }
    }

    /// <summary>The scaling and its numbers in words, which <see cref="Parse"/> reads; every number keeps all its bits.</summary>
    public override string ToString() => $"{scaling} {Words(offsets)} / {Words(divisors)}";

    /// <summary>Reads what <see cref="ToString"/> wrote; null where the text cannot be that.</summary>
    public static FeatureScale? Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var middle = Array.IndexOf(parts, "/");
        FeatureScaling? scaling = parts.Length == 0 ? null : parts[0] switch
        {
            nameof(FeatureScaling.MeanAndDeviation) => FeatureScaling.MeanAndDeviation,
            nameof(FeatureScaling.MinAndMax) => FeatureScaling.MinAndMax,
            _ => null,
        };
        if (scaling is null || middle < 2 || Numbers(parts[1..middle]) is not { } offsets
            || Numbers(parts[(middle + 1)..]) is not { } divisors || offsets.Length != divisors.Length || divisors.Any(d => !(d > 0)))
        {
            return null;
        }

        return new FeatureScale(scaling.Value, offsets, divisors);
    }

    private static string Words(float[] numbers) => string.Join(' ', numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture)));

    private static float[]? Numbers(string[] words)
    {
        var numbers = new float[words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            if (!float.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !float.IsFinite(numbers[i]))
            {
                return null;
            }
        }

        return numbers;
    }

    private void RequireRows(int length, int target, string what, int each)
    {
        if (length != target)
        {
            throw new ArgumentException($"There are {length} values, but room for {target}.", nameof(target));
        }

        if (length % ((long)Size * each) != 0)
        {
            throw new ArgumentException($"{length} values are no whole number of rows of {Size * (long)each} {what}.", "rows");
        }
    }
}
