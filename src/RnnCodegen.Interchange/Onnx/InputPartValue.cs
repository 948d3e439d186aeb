namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// A part of an input of the graph that no layer can read as rows, but that may start a recurrent layer: what exporters cut an input of all
/// layers' states into.
/// </summary>
/// <param name="source">The input.</param>
/// <param name="axes">The layout of the part.</param>
/// <param name="origins">For each axis of the part, the input's axis that it is; -1 for a new one of size 1.</param>
/// <param name="ranges">For each axis of the input, the first item of the part
/// and how many there are; as many as there are where that is null.</param>
/// <param name="reason">Why it is no rows.</param>
internal sealed class InputPartValue(InputRows source, Axis[] axes, int[] origins, (long Start, long? Count)[] ranges,
    string reason) : GraphValue
{
    public InputRows Source { get; } = source;

    public Axis[] Axes { get; } = axes;

    public int[] Origins { get; } = origins;

    public (long Start, long? Count)[] Ranges { get; } = ranges;

    public string Reason { get; } = reason;

    public override Origin Origin => Origin.Inputs;

    public override IReadOnlyList<string> Inputs => [Source.Name];

    /// <summary>All of an input, as a value that only moved its axes shows it; null where an axis is none of the input's.</summary>
    public static InputPartValue? Whole(GraphImport graph, RowsValue rows, string reason)
    {
        if (rows.Source is not InputRows { IsTokens: false } source || rows.TimePads != default)
        {
            return null;
        }

        var own = graph.AxesOfInput(source.Name).ToList();
        int[] origins = [.. rows.Axes.Select(a => own.FindIndex(o => o.Find() == a.Find()))];
        return origins.Zip(rows.Axes).All(p => p.First >= 0 || p.Second is { IsOne: true, Parts.Length: 0 })
            && origins.Where(o => o >= 0).Distinct().Count() == origins.Count(o => o >= 0)
            ? new InputPartValue(source, rows.Axes, origins, [.. own.Select(a => (0L, a.Size))], reason)
            : null;
    }

    /// <summary>A range of the items of an axis; null where the axis is not the input's, or its size is not known.</summary>
    public InputPartValue? Range(int axis, int[] items)
    {
        var origin = Origins[axis];
        if (origin < 0 || items.Length == 0 || !items.Zip(items.Skip(1)).All(p => p.Second == p.First + 1))
        {
            return null;
        }

        Axis[] layout = [.. Axes];
        layout[axis] = new Axis(size: items.Length);
        (long, long?)[] ranges = [.. Ranges];
        ranges[origin] = (Ranges[origin].Start + items[0], items.Length);
        return new InputPartValue(Source, layout, Origins, ranges, Reason);
    }

    /// <summary>The same numbers with other axes.</summary>
    /// <param name="layout">The axes.</param>
    /// <param name="from">For each, the one that it was; -1 for a new one of size 1.</param>
    public InputPartValue Moved(Axis[] layout, IReadOnlyList<int> from) => new(Source, layout,
        [.. from.Select(f => f < 0 ? -1 : Origins[f])], Ranges, Reason);

    /// <summary>Two parts that lie side by side in the input, as one; null where they do not.</summary>
    public InputPartValue? Joined(InputPartValue next, int axis)
    {
        var origin = Origins[axis];
        if (origin < 0 || next.Source.Name != Source.Name || !next.Origins.SequenceEqual(Origins)
            || !Enumerable.Range(0, Ranges.Length)
                .All(a => a == origin ? next.Ranges[a].Start == Ranges[a].Start + Ranges[a].Count : next.Ranges[a] == Ranges[a]))
        {
            return null;
        }

        Axis[] layout = [.. Axes];
        (long Start, long? Count)[] ranges = [.. Ranges];
        ranges[origin].Count += next.Ranges[origin].Count;
        layout[axis] = new Axis(size: ranges[origin].Count);
        return new InputPartValue(Source, layout, Origins, ranges, Reason);
    }
}
