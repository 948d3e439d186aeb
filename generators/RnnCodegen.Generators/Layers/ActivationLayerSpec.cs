using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>A function of each value.</summary>
internal sealed record ActivationLayerSpec(string Name, string Modifiers, EquatableArray<int> Sources, ActivationSpec Activation)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Activation",
        static r => new ActivationLayerSpec(r.Name, r.Modifiers, default, r.Activation(ActivationKind.Linear)));

    public override LayerKind Kind => s_kind;

    public override string Description => $"Activation, {LayerProse.Name(Activation)}";

    public override IReadOnlyList<object> View => [ViewArgument.Name, Activation.Kind, Activation.Alpha];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => sources[0];

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [];

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => Activation.Kind == ActivationKind.Linear
        ? ofSource(Sources[0])
        : Activation.Kind;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape) =>
        graph.AddRows(Name, new ActivationFunction(Activation), sources, shape);
}
