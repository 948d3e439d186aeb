using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>A trained slope for each feature where it is not positive.</summary>
internal sealed record PReluSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("PRelu", static r => new PReluSpec(r.Name, r.Modifiers, default));

    public override LayerKind Kind => s_kind;

    public override string Description => "PReLU";

    public override IReadOnlyList<object> View => [ViewArgument.Parameters, ViewArgument.Name];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => sources[0];

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [Parameter.Vector("weight", "PReluSlope", inputWidth, inputWidth)];

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ActivationKind.Linear;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape) =>
        graph.AddRows(Name, new PReluFunction(Name), sources, shape);
}
