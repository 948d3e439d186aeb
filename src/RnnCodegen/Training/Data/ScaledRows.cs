using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// Scaled copies of rows in which rows that shared memory share it again: windows that overlap in a series do in its scaled copy.
/// </summary>
internal sealed class ScaledRows
{
    private readonly FeatureScale _scale;
    private readonly string _what;
    private readonly Dictionary<Place, Stretch> _stretches = [];

    /// <param name="scale">How rows are scaled.</param>
    /// <param name="what">What a row holds, for messages.</param>
    /// <param name="all">All rows that will be asked for.</param>
    public ScaledRows(FeatureScale scale, string what, IEnumerable<ReadOnlyMemory<float>> all)
    {
        (_scale, _what) = (scale, what);
        foreach (var rows in all)
        {
            if (PlaceOf(rows, out var start) is { } place)
            {
                if (!_stretches.TryGetValue(place, out var stretch))
                {
                    _stretches.Add(place, stretch = new Stretch { First = start });
                }

                stretch.First = Math.Min(stretch.First, start);
                stretch.End = Math.Max(stretch.End, start + rows.Length);
                stretch.Wanted += rows.Length;
            }
        }
    }

    /// <summary>The scaled rows.</summary>
    public ReadOnlyMemory<float> Of(ReadOnlyMemory<float> rows)
    {
        // Rows far from each other in a large array are copied each for itself.
        if (PlaceOf(rows, out var start) is not { } place || _stretches[place] is not { IsDense: true } stretch)
        {
            return Scaled(rows.Span);
        }

        stretch.Values ??= Scaled(place.Array.AsSpan(stretch.First, stretch.End - stretch.First));
        return stretch.Values.AsMemory(start - stretch.First, rows.Length);
    }

    /// <summary>The array that whole rows are in, and where in it their features begin; null for memory of another kind.</summary>
    private Place? PlaceOf(ReadOnlyMemory<float> rows, out int start)
    {
        var isArray = MemoryMarshal.TryGetArray(rows, out var segment) && segment.Count > 0 && segment.Count % _scale.Size == 0;
        start = segment.Offset;
        return isArray ? new Place(segment.Array!, start % _scale.Size) : null;
    }

    private float[] Scaled(ReadOnlySpan<float> rows)
    {
        var scaled = new float[rows.Length];
        _scale.Apply(rows, scaled, _what);
        return scaled;
    }

    /// <summary>Rows of an array whose features are at the same places.</summary>
    private readonly record struct Place(float[] Array, int Phase);

    private sealed class Stretch
    {
        public int First { get; set; }

        public int End { get; set; }

        public long Wanted { get; set; }

        public float[]? Values { get; set; }

        public bool IsDense => End - First <= Wanted;
    }
}
