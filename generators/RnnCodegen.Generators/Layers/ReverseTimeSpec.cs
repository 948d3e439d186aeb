using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>Turns each sample's valid steps around.</summary>
internal sealed record ReverseTimeSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("ReverseTime", static r => new ReverseTimeSpec(r.Name, r.Modifiers, default));

    public override LayerKind Kind => s_kind;

    public override string Description => "Reversal of time";

    public override IReadOnlyList<object> View => [ViewArgument.Name];

    public override bool NeedsSequence => true;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => sources[0];

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [];

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ofSource(Sources[0]);

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape)
    {
        var output = graph.NewValue(Name, shape.Width, shape.Axis);
        graph.Add(new ReverseTimeNode(Name, sources[0], output));
        return output;
    }
}
