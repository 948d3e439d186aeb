using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>Rows of a table, by token; or by the ids in a column of the model's input, behind the other columns.</summary>
/// <param name="Name">Property name.</param>
/// <param name="Modifiers">The property's modifiers.</param>
/// <param name="Sources">The model's input, or the embedding of another column.</param>
/// <param name="Vocabulary">Number of ids.</param>
/// <param name="Size">Features of a row of the table.</param>
/// <param name="Column">The column of the model's input; -1 where that is tokens.</param>
internal sealed record EmbeddingSpec(string Name, string Modifiers, EquatableArray<int> Sources, int Vocabulary, int Size, int Column)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Embedding", Read) { Reads = SourceRule.Tokens };

    public override LayerKind Kind => s_kind;

    /// <summary>Whether it reads a column of rows of features.</summary>
    public bool IsOfColumn => Column >= 0;

    /// <summary>The columns that embeddings before it have taken out of the rows.</summary>
    public EquatableArray<int> Taken { get; init; }

    /// <summary>Where the ids stand in the rows that it reads.</summary>
    public int Place => Column - Taken.Count(c => c < Column);

    public override string Description => IsOfColumn
        ? $"Embedding of the {Vocabulary} categories of column {Column}"
        : $"Embedding of {Vocabulary} tokens";

    public override IReadOnlyList<object> View => IsOfColumn
        ? [ViewArgument.Parameters, ViewArgument.Name, Vocabulary, Size, Column]
        : [ViewArgument.Parameters, ViewArgument.Name, Vocabulary, Size];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) =>
        new(IsOfColumn ? sources[0].Width - 1 + Size : Size, sources[0].Axis);

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [new("weight", "EmbeddingTable", Vocabulary, Size, Size)];

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ActivationKind.Linear;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape)
    {
        var output = graph.NewValue(Name, shape.Width, shape.Axis);
        graph.Add(new EmbeddingNode(Name, this, IsOfColumn ? sources[0] : null, output));
        return output;
    }

    public override LayerSpec After(LayerSpec? source) =>
        this with { Taken = source is EmbeddingSpec before ? before.Taken.Append(before.Column).ToEquatableArray() : [] };

    public override void Check(SourceCheck check)
    {
        if (IsOfColumn)
        {
            check.Size("The joined width", check.Width - 1 + Size, Limits.RowWidth);
        }
    }

    private static LayerSpec Read(LayerReader r) => new EmbeddingSpec(
        r.Name, r.Modifiers, default, r.Attribute.Size("Vocabulary", 0, 1, Limits.Vocabulary),
        r.Attribute.Size("Size", 0, 1, Limits.Units), r.Attribute.Has("Column") ? r.Attribute.Size("Column", -1, 0, Limits.Units - 1) : -1);
}
