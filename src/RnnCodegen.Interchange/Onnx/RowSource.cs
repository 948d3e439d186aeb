using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Who makes rows: the graph's input, a layer, or a recurrent node, which becomes a layer once it is known what is read of it.
/// </summary>
internal abstract class RowSource
{
    /// <summary>Whether it makes one row per step, not one per sequence.</summary>
    public virtual bool IsSequence => true;
}

/// <summary>An input of the graph.</summary>
/// <param name="name">Its name.</param>
/// <param name="type">What its elements are.</param>
internal sealed class InputRows(string name, OnnxDataType type) : RowSource
{
    public string Name { get; } = name;

    public OnnxDataType Type { get; } = type;

    /// <summary>Whether it holds integers.</summary>
    public bool IsTokens => Type.IsInteger();
}

/// <summary>A layer to be, with the graph's part that it comes from.</summary>
/// <param name="scope">The part of the graph's names that its nodes share; empty where they have none.</param>
/// <param name="width">Features of its rows.</param>
/// <param name="isSequence">Whether it makes one row per step, not one per sequence.</param>
/// <param name="sources">What it reads: layers or the input.</param>
internal sealed class DraftLayer(string scope, int width, bool isSequence, params RowSource[] sources) : RowSource
{
    public string Scope { get; } = scope;

    /// <summary>The stem of its name where the scope gives none.</summary>
    public string Kind { get; init; } = "";

    public int Width { get; } = width;

    public override bool IsSequence { get; } = isSequence;

    /// <summary>The node whose sequence this layer returns.</summary>
    public RecurrentRows? Recurrent { get; set; }

    /// <summary>The recurrent nodes that it is made of, the lowest layer of a stack first.</summary>
    public List<RecurrentRows> Levels { get; } = [];

    public RowSource[] Sources { get; set; } = sources;

    /// <summary>The graph's input that gives it the sequences' lengths; null where it reads every step.</summary>
    public string? Lengths { get; set; }

    /// <summary>
    /// The node, in words, that takes its final state by the place of the last step, whatever the lengths; null where none does.
    /// </summary>
    public string? LastStepBy { get; set; }

    /// <summary>The number of the node that it is made of.</summary>
    public int? Order { get; set; }

    /// <summary>
    /// Its attribute; null for a layer that joins others, whose names are not known yet, and for a transform of the output.
    /// </summary>
    public LayerAttribute? Options { get; set; }

    /// <summary>Makes the attribute from the sources' names.</summary>
    public Func<string[], LayerAttribute>? Join { get; init; }

    /// <summary>What it does to the output, where it is that and no layer.</summary>
    public OutputTransform Transform { get; init; }

    /// <summary>Its parameters by their names behind the layer's, e.g. <c>weight_ih_l0</c>.</summary>
    public Dictionary<string, WeightValues> Parameters { get; } = new(StringComparer.Ordinal);

    /// <summary>The same layer on other rows.</summary>
    public DraftLayer On(bool isSequence, params RowSource[] sources)
    {
        var copy = new DraftLayer(Scope, Width, isSequence, sources)
        {
            Kind = Kind, Options = Copied(Options), Join = Join, Transform = Transform, Lengths = Lengths,
        };
        foreach (var (name, weights) in Parameters)
        {
            copy.Parameters.Add(name, weights);
        }

        return copy;
    }

    /// <summary>An attribute of its own, because what a layer reads is written into it.</summary>
    private static LayerAttribute? Copied(LayerAttribute? options) => options switch
    {
        DenseAttribute d => new DenseAttribute(d.Units) { Activation = d.Activation, Alpha = d.Alpha, Bias = d.Bias },
        ActivationAttribute a => new ActivationAttribute(a.Activation) { Alpha = a.Alpha },
        LayerNormAttribute n => new LayerNormAttribute { Epsilon = n.Epsilon },
        AffineAttribute => new AffineAttribute(),
        PReluAttribute => new PReluAttribute(),
        _ => options,
    };
}

/// <summary>A parameter of a layer.</summary>
internal sealed record WeightValues(int[] Shape, float[] Values)
{
    public static WeightValues Vector(float[] values) => new([values.Length], values);

    public static WeightValues Matrix(int rows, int columns, float[] values) => new([rows, columns], values);
}

/// <summary>
/// The rows of a recurrent node, or of one of its directions. One whose rows and final state are both read becomes two layers with the same
/// weights.
/// </summary>
internal sealed class RecurrentRows : RowSource
{
    private readonly Func<int, RecurrentRows>? _split;
    private readonly RecurrentRows?[] _single = new RecurrentRows?[2];

    /// <param name="sequence">The layer that returns sequences; it joins the model where its rows are read.</param>
    /// <param name="final">The layer that returns the final state.</param>
    /// <param name="start">The inputs that it starts from.</param>
    /// <param name="split">Makes the rows of one of its two directions; null where it has one.</param>
    public RecurrentRows(DraftLayer sequence, DraftLayer final, NodeStart start, Func<int, RecurrentRows>? split = null)
    {
        (Sequence, Final, Start, _split) = (sequence, final, start, split);
        sequence.Recurrent = this;
        sequence.Levels.Add(this);
        final.Levels.Add(this);
    }

    public RecurrentAttribute Options => (RecurrentAttribute)Sequence.Options!;

    /// <summary>The rows of one of its two directions alone.</summary>
    public RecurrentRows Single(GraphImport graph, int direction)
    {
        if (_single[direction] is null)
        {
            _single[direction] = _split!(direction);
            graph.Recurrents.Add(_single[direction]!);
        }

        return _single[direction]!;
    }

    public int Directions => Options.Bidirectional ? 2 : 1;

    public DraftLayer Sequence { get; }

    public DraftLayer Final { get; }

    /// <summary>The inputs that it starts from.</summary>
    public NodeStart Start { get; }
}
