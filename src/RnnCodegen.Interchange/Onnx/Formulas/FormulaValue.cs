namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>Values that are computed for each row for itself, by operators that are no layers.</summary>
/// <param name="formula">The values of one row, the outermost axis first.</param>
/// <param name="shape">The sizes of the axes, of which those of samples and steps have size 1.</param>
/// <param name="free">For each axis, what it counts where that is samples or steps; null where it is within the row.</param>
internal sealed class FormulaValue(Formula formula, int[] shape, Axis?[] free) : GraphValue
{
    public Formula Formula { get; } = formula;

    /// <summary>The part of the graph's names that the node which makes it has.</summary>
    public string Scope { get; init; } = "";

    /// <summary>The node that makes it, in words.</summary>
    public string Subject { get; init; } = "";

    public int[] Shape { get; } = shape;

    public Axis?[] Free { get; } = free;

    /// <summary>The input that it is; null where it is computed.</summary>
    public string? Input { get; init; }

    public override Origin Origin => Input is null ? Origin.Rows : Origin.Inputs;

    public override IReadOnlyList<string> Inputs => Input is null ? [] : [Input];
}
