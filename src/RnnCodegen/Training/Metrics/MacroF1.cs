namespace RnnCodegen;

/// <summary>
/// <see cref="ConfusionMatrix.MacroF1"/>: the mean F1 of the classes that occur among targets or predictions. From 0 to 1.
/// </summary>
public sealed class MacroF1 : ClassMetric
{
    /// <summary>The metric, with an empty matrix.</summary>
    /// <param name="classes">Number of classes, the model's outputs per row, from 1 to 46,340.</param>
    public MacroF1(int classes)
        : this(new ConfusionMatrix(classes))
    {
    }

    /// <summary>The metric of a matrix, e.g. of one with labels.</summary>
    /// <param name="matrix">Is filled and emptied by the metric, and is in no other's use.</param>
    public MacroF1(ConfusionMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        Matrix = matrix;
    }

    /// <summary>The counts behind the value.</summary>
    public ConfusionMatrix Matrix { get; }

    /// <inheritdoc/>
    public override string Name => "macro-F1";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override double Value => Matrix.MacroF1;

    /// <inheritdoc/>
    public override void Reset() => Matrix.Reset();

    internal override void Visit(SumExchange sums) => Matrix.Visit(sums);

    private protected override string? FindMisfit(ModelDefinition model, Loss loss) => FindMisfit(model, Matrix.Classes);

    private protected override void AddClass(ReadOnlySpan<float> output, int target)
    {
        if (output.Length != Matrix.Classes)
        {
            throw new ArgumentException(
                $"There are {Matrix.Classes} classes, but the outputs have {output.Length} features.", nameof(output));
        }

        Matrix.Add(target, Predict(output));
    }
}
