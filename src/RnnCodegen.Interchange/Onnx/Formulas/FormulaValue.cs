namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>Values that are computed for each row for itself, by operators that are no layers.</summary>
/// <param name="formula">The values of one row, the outermost axis first.</param>
/// <param name="shape">The sizes of the axes, of which those of samples and steps have size 1.</param>
/// <param name="free">For each axis, what it counts where that is samples or steps; null where it is within the row.</param>
/// <param name="input">The graph's input that it is; null where it is computed.</param>
internal sealed class FormulaValue(Formula formula, int[] shape, Axis?[] free, string? input = null) : GraphValue
{
    // What is made of more inputs than this is no state.
    private const int MostInputs = 8;

    private readonly Origin _origin = Origin.Inputs;
    private readonly IReadOnlyList<string> _inputs = input is null ? [] : [input];

    public Formula Formula { get; } = formula;

    /// <summary>The part of the graph's names that the node which makes it has.</summary>
    public string Scope { get; init; } = "";

    /// <summary>The node that makes it, in words.</summary>
    public string Subject { get; init; } = "";

    public int[] Shape { get; } = shape;

    public Axis?[] Free { get; } = free;

    /// <summary>The rows that layers make of it; null where nothing asked for them yet.</summary>
    public RowsValue? Rows { get; set; }

    /// <summary>What it is computed from.</summary>
    public IReadOnlyList<GraphValue> MadeOf
    {
        init
        {
            _origin = value.Aggregate(Origin.None, (all, own) => all | own.Origin);
            _inputs = [.. value.SelectMany(v => v.Inputs).Distinct(StringComparer.Ordinal).Take(MostInputs)];
        }
    }

    public override Origin Origin => _origin;

    public override IReadOnlyList<string> Inputs => _inputs;
}
