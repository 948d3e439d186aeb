namespace RnnCodegen.Interchange.Onnx;

/// <summary>What an axis of a value counts.</summary>
internal enum AxisRole
{
    /// <summary>Not known yet: an operator further on will say, or the axis has size 1.</summary>
    Unknown,
    Time,
    Batch,
    Feature,

    /// <summary>The two directions of a recurrent layer.</summary>
    Direction,
}

/// <summary>
/// An axis of a value. A graph does not say which axis is time; the operators that read it do. So axes are objects that operators share,
/// and what one operator learns of an axis holds wherever it occurs.
/// </summary>
internal sealed class Axis
{
    private Axis? _same;
    private AxisRole _role;
    private long? _size;

    public Axis(AxisRole role = AxisRole.Unknown, long? size = null) => (_role, _size, Parts) = (role, size, []);

    /// <summary>Two axes that became this one: directions and the features of each, which are one row.</summary>
    public (Axis Directions, Axis Features)? Joint { get; init; }

    /// <summary>The axis of features that a file lays out as several, which of these this one is, and how many they are.</summary>
    public (Axis Whole, int Index, int Count)? Split { get; init; }

    /// <summary>Several axes in one, the outermost first.</summary>
    private Axis(Axis[] parts) => Parts = parts;

    /// <summary>What the file calls its size, where it does.</summary>
    public string? Symbol { get; init; }

    /// <summary>The axes that this one holds, where it is several in one.</summary>
    public Axis[] Parts { get; }

    public AxisRole Role => Find()._role;

    /// <summary>Its size; null where it may differ from call to call.</summary>
    public long? Size => Find()._size;

    public bool IsOne => Size == 1;

    public static Axis Merged(IEnumerable<Axis> axes) => new([.. axes.SelectMany(a => a.Parts.Length > 0 ? a.Parts : [a])]);

    /// <summary>Gives an axis its meaning; false where it has another.</summary>
    public bool TryBe(AxisRole role)
    {
        var axis = Find();
        if (axis._role == AxisRole.Unknown && axis.Parts.Length == 0)
        {
            axis._role = role;
        }

        return axis._role == role;
    }

    /// <summary>Gives an axis its size; false where it has another.</summary>
    public bool TryHave(long size)
    {
        var axis = Find();
        axis._size ??= axis.Parts.Length == 0 ? size : null;
        return axis._size == size;
    }

    /// <summary>Says that two axes are one; false where they differ in what is known of them.</summary>
    public bool TryEqual(Axis other)
    {
        var (a, b) = (Find(), other.Find());
        if (a == b)
        {
            return true;
        }

        if (a.Parts.Length > 0 || b.Parts.Length > 0)
        {
            return a.Parts.Length == b.Parts.Length && a.Parts.Zip(b.Parts).All(p => p.First.TryEqual(p.Second));
        }

        var fits = (a._role == b._role || a._role == AxisRole.Unknown || b._role == AxisRole.Unknown)
            && (a._size is null || b._size is null || a._size == b._size);
        if (fits)
        {
            a._role = a._role == AxisRole.Unknown ? b._role : a._role;
            a._size ??= b._size;
            b._same = a;
        }

        return fits;
    }

    public Axis Find()
    {
        var root = this;
        while (root._same is { } next)
        {
            root = next;
        }

        // Shorten the way for the next who asks.
        for (var axis = this; axis._same is { } next; axis = next)
        {
            axis._same = root;
        }

        return root;
    }
}
