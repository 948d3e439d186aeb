using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>A factor and a term for each feature.</summary>
internal sealed record AffineSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Affine", static r => new AffineSpec(r.Name, r.Modifiers, default));

    public override LayerKind Kind => s_kind;

    public override string Description => "Affine layer";

    public override IReadOnlyList<object> View => [ViewArgument.Parameters, ViewArgument.Name];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => sources[0];

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [Parameter.Vector("weight", "AffineScale", inputWidth, inputWidth),
        Parameter.Vector("bias", "AffineShift", inputWidth, inputWidth)];

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ActivationKind.Linear;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape) =>
        graph.AddRows(Name, new AffineFunction(Name), sources, shape);
}
