using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>Rows side by side.</summary>
internal sealed record ConcatSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Concat",
        static r => new ConcatSpec(r.Name, r.Modifiers, default)) { Reads = SourceRule.Named };

    public override LayerKind Kind => s_kind;

    public override string Description => "Concatenation";

    public override IReadOnlyList<object> View => [ViewArgument.Name, ViewArgument.Sources];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => new(sources.Sum(s => s.Width), sources[0].Axis);

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [];

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => OutputActivation.Worst(Sources.Select(ofSource));

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape)
    {
        var output = graph.NewValue(Name, shape.Width, shape.Axis);
        graph.Add(new ConcatNode(Name, sources, output));
        return output;
    }

    public override void Check(SourceCheck check) => check.Size("The joined width", check.Width, Limits.RowWidth);
}
