using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>Rows of a table, by token.</summary>
internal sealed record EmbeddingSpec(string Name, string Modifiers, EquatableArray<int> Sources, int Vocabulary, int Size)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Embedding", Read) { Reads = SourceRule.Tokens };

    public override LayerKind Kind => s_kind;

    public override string Description => $"Embedding of {Vocabulary} tokens";

    public override IReadOnlyList<object> View => [ViewArgument.Parameters, ViewArgument.Name, Vocabulary, Size];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => new(Size, sources[0].Axis);

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [new("weight", "EmbeddingTable", Vocabulary, Size, Size)];

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ActivationKind.Linear;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape)
    {
        var output = graph.NewValue(Name, shape.Width, shape.Axis);
        graph.Add(new EmbeddingNode(Name, this, output));
        return output;
    }

    private static LayerSpec Read(LayerReader r) => new EmbeddingSpec(
        r.Name, r.Modifiers, default, r.Attribute.Size("Vocabulary", 0, 1, Limits.Vocabulary),
        r.Attribute.Size("Size", 0, 1, Limits.Units));
}
