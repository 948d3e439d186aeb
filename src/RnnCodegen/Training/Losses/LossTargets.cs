namespace RnnCodegen;

/// <summary>The targets of a batch of outputs.</summary>
public readonly ref struct LossTargets
{
    /// <summary>Values, the rows one after the other.</summary>
    /// <param name="values">[T, B, F], or as many a row as the loss takes.</param>
    public LossTargets(ReadOnlySpan<float> values)
    {
        Kind = TargetKind.Values;
        Values = values;
    }

    /// <summary>Class ids, one per row.</summary>
    /// <param name="classes">[T, B].</param>
    public LossTargets(ReadOnlySpan<int> classes)
    {
        Kind = TargetKind.Classes;
        Ids = classes;
    }

    /// <summary>Labels, sample after sample.</summary>
    /// <param name="labels">The labels of all samples, without gaps.</param>
    /// <param name="lengths">How many labels each sample has, [B].</param>
    public LossTargets(ReadOnlySpan<int> labels, ReadOnlySpan<int> lengths)
    {
        Kind = TargetKind.Labels;
        Ids = labels;
        LabelLengths = lengths;
    }

    /// <summary>The kind of the targets; decides which spans are used.</summary>
    public TargetKind Kind { get; }

    /// <summary>The values.</summary>
    public ReadOnlySpan<float> Values { get; }

    /// <summary>The class ids or labels.</summary>
    public ReadOnlySpan<int> Ids { get; }

    /// <summary>How many labels each sample has.</summary>
    public ReadOnlySpan<int> LabelLengths { get; }

    /// <summary>The targets of some neighbouring rows, each with so many values.</summary>
    internal LossTargets Rows(int first, int count, int width) => Kind == TargetKind.Values
        ? new LossTargets(Values.Slice(first * width, count * width))
        : new LossTargets(Ids.Slice(first, count));
}
