using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>Normalises each row, then scales and shifts each feature.</summary>
internal sealed record LayerNormSpec(string Name, string Modifiers, EquatableArray<int> Sources, float Epsilon)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("LayerNorm",
        static r => new LayerNormSpec(r.Name, r.Modifiers, default, r.Attribute.Epsilon("Epsilon", 1e-5f)));

    public override LayerKind Kind => s_kind;

    public override string Description => "Layer normalisation";

    public override IReadOnlyList<object> View => [ViewArgument.Parameters, ViewArgument.Name, Epsilon];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => sources[0];

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [Parameter.Vector("weight", "NormScale", inputWidth, inputWidth),
        Parameter.Vector("bias", "NormShift", inputWidth, inputWidth)];

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ActivationKind.Linear;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape) =>
        graph.AddRows(Name, new LayerNormFunction(Name, Epsilon), sources, shape);
}
