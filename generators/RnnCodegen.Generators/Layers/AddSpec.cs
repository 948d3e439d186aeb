using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>Sums of equally wide rows.</summary>
internal sealed record AddSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Add",
        static r => new AddSpec(r.Name, r.Modifiers, default)) { Reads = SourceRule.Named };

    public override LayerKind Kind => s_kind;

    public override string Description => "Sum";

    public override IReadOnlyList<object> View => [ViewArgument.Name, ViewArgument.Sources];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => sources[0];

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [];

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ActivationKind.Linear;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape) =>
        graph.AddRows(Name, new AddFunction(), sources, shape);

    public override void Check(SourceCheck check) => check.SameWidths("add");
}
