using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>The mean or the largest values of a whole sequence.</summary>
internal sealed record GlobalPoolSpec(string Name, string Modifiers, EquatableArray<int> Sources, PoolingKind Pooling)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("GlobalPool", static r =>
        new GlobalPoolSpec(r.Name, r.Modifiers, default, r.Attribute.Member("Pooling", PoolingKind.Average)));

    public override LayerKind Kind => s_kind;

    public override string Description => $"{(Pooling == PoolingKind.Max ? "Maximum" : "Mean")} of all steps";

    public override IReadOnlyList<object> View => [ViewArgument.Name, Pooling];

    public override bool NeedsSequence => true;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => new(sources[0].Width, null);

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [];

    // Means and maxima of values stay within their bounds.
    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ofSource(Sources[0]);

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape) =>
        graph.AddPool(Name, Pooling == PoolingKind.Max ? SequencePoolingKind.Max : SequencePoolingKind.Average, sources[0]);
}
