using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>The mean of a whole sequence, weighted by trained attention.</summary>
internal sealed record AttentionPoolSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("AttentionPool", static r => new AttentionPoolSpec(r.Name, r.Modifiers, default));

    public override LayerKind Kind => s_kind;

    public override string Description => "Mean of all steps, weighted by attention";

    public override IReadOnlyList<object> View => [ViewArgument.Parameters, ViewArgument.Name];

    public override bool NeedsSequence => true;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => new(sources[0].Width, null);

    public override IEnumerable<Parameter> Parameters(int inputWidth) =>
        [Parameter.Vector("weight", "AttentionWeight", inputWidth, inputWidth)];

    // Means of values stay within their bounds.
    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ofSource(Sources[0]);

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape) =>
        graph.AddPool(Name, SequencePoolingKind.Attention, sources[0]);
}
