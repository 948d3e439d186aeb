using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>Zeroes values at random while training.</summary>
internal sealed record DropoutSpec(string Name, string Modifiers, EquatableArray<int> Sources, float Probability)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Dropout",
        static r => new DropoutSpec(r.Name, r.Modifiers, default, r.Attribute.Probability("Probability")));

    public override LayerKind Kind => s_kind;

    public override string Description => $"Dropout of {LayerProse.Number(Probability)}";

    public override IReadOnlyList<object> View => [ViewArgument.Name, Probability];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => sources[0];

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [];

    // Inference keeps all values.
    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ofSource(Sources[0]);

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape) =>
        graph.AddDropout(Name, Probability, sources[0]);
}
