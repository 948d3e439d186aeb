namespace RnnCodegen.Interchange.Onnx;

/// <summary>Where a value's numbers come from, at run time; constants come from nowhere.</summary>
[Flags]
internal enum Origin
{
    None = 0,

    /// <summary>Inputs of the graph that no layer has read yet.</summary>
    Inputs = 1,

    /// <summary>Rows that layers made.</summary>
    Rows = 2,

    /// <summary>States that recurrent layers ended in.</summary>
    States = 4,
}

/// <summary>What is known of a value of the graph before anything runs.</summary>
internal abstract class GraphValue
{
    /// <summary>Where the numbers come from.</summary>
    public virtual Origin Origin => Origin.None;

    /// <summary>The graph's inputs that it is made of, where it is made of little else.</summary>
    public virtual IReadOnlyList<string> Inputs => [];
}

/// <summary>Known numbers.</summary>
internal sealed class ConstantValue(Constant tensor) : GraphValue
{
    public Constant Tensor { get; } = tensor;
}

/// <summary>Sizes: a shape or a part of one.</summary>
/// <param name="items">The sizes.</param>
/// <param name="isScalar">Whether it is one size rather than a list.</param>
internal sealed class SizesValue(AxisSize[] items, bool isScalar) : GraphValue
{
    public AxisSize[] Items { get; } = items;

    public bool IsScalar { get; } = isScalar;
}

/// <summary>
/// A constant repeated along axes whose sizes are known only when the graph runs: as an initial state of zeros, one row for each sample.
/// </summary>
/// <param name="part">What is repeated.</param>
/// <param name="sizes">The sizes of all axes; null where its axes were moved about since.</param>
internal sealed class RepeatedValue(Constant part, AxisSize[]? sizes = null) : GraphValue
{
    public Constant Part { get; } = part;

    public AxisSize[]? Sizes { get; } = sizes;
}

/// <summary>One number everywhere, the size of a sequence or a batch: as the lengths of sequences that are all whole.</summary>
/// <param name="item">The number.</param>
internal sealed class RepeatedSizeValue(AxisSize item) : GraphValue
{
    public AxisSize Item { get; } = item;
}

/// <summary>Rows: the graph's input, or what a layer makes of it.</summary>
/// <param name="source">Who makes them.</param>
/// <param name="axes">How the graph lays them out.</param>
internal sealed class RowsValue(RowSource source, Axis[] axes) : GraphValue
{
    public RowSource Source { get; } = source;

    public Axis[] Axes { get; } = axes;

    /// <summary>Rows of zeros that the graph adds before and after the sequence, for a convolution to read.</summary>
    public (int Left, int Right) TimePads { get; init; }

    public override Origin Origin => Source is InputRows ? Origin.Inputs : Origin.Rows;

    public override IReadOnlyList<string> Inputs => Source is InputRows input ? [input.Name] : [];
}

/// <summary>Final states of recurrent nodes' directions, one after the other along an axis.</summary>
/// <param name="parts">Whose they are.</param>
/// <param name="axes">The layout.</param>
/// <param name="partsAxis">The axis that counts the parts; -1 where there is one and its axis is gone.</param>
internal sealed class StatesValue(StatePart[] parts, Axis[] axes, int partsAxis) : GraphValue
{
    public StatePart[] Parts { get; } = parts;

    public Axis[] Axes { get; } = axes;

    public int PartsAxis { get; } = partsAxis;

    public override Origin Origin => Origin.States;
}

/// <summary>The final state of one direction of a recurrent node.</summary>
internal sealed record StatePart(RecurrentRows Node, int Direction, bool IsCell);

/// <summary>Weights softmax_t(w . x_t) over the steps of a sequence.</summary>
/// <param name="rows">What they are weights of.</param>
/// <param name="scores">The layer that computes w . x_t.</param>
/// <param name="isSummand">Whether the rows are multiplied by them already.</param>
internal sealed class StepWeightsValue(RowsValue rows, DraftLayer scores, bool isSummand) : GraphValue
{
    public RowsValue Rows { get; } = rows;

    public DraftLayer Scores { get; } = scores;

    public bool IsSummand { get; } = isSummand;

    public override Origin Origin => Origin.Rows;
}

/// <summary>A value that no layer can make. It is an error only where the output, or a layer on the way to it, needs it.</summary>
/// <param name="reason">Why, with the node.</param>
/// <param name="origin">Where its numbers come from.</param>
/// <param name="inputs">The graph's inputs among them.</param>
internal sealed class RefusedValue(string reason, Origin origin, IReadOnlyList<string> inputs) : GraphValue
{
    public string Reason { get; } = reason;

    public override Origin Origin { get; } = origin;

    public override IReadOnlyList<string> Inputs { get; } = inputs;
}
