using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>f(W x + b).</summary>
internal sealed record DenseSpec(string Name, string Modifiers, EquatableArray<int> Sources, int Units, ActivationSpec Activation,
    bool Bias)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Dense", Read);

    public override LayerKind Kind => s_kind;

    public override string Description => $"Dense layer{LayerProse.Then(Activation)}{LayerProse.Format(WeightFormat)}";

    public override IReadOnlyList<object> View => [ViewArgument.Parameters, ViewArgument.Name, Units];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => new(Units, sources[0].Axis);

    public override IEnumerable<Parameter> Parameters(int inputWidth)
    {
        yield return new("weight", "DenseWeight", Units, inputWidth, inputWidth);
        if (Bias)
        {
            yield return Parameter.Vector("bias", "DenseBias", Units, inputWidth);
        }
    }

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => Activation.Kind;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape)
    {
        var output = graph.NewValue(Name, shape.Width, shape.Axis);
        graph.Add(NodeOf(sources[0], output));
        return output;
    }

    /// <summary>The node that computes it, of rows whole or of windows inside them.</summary>
    public DenseNode NodeOf(Value input, Value output, RowWindowSpec? window = null) =>
        DenseNode.Of(Name, this, [new ActivationFunction(Activation)], input, output) with { Window = window };

    public override void Check(SourceCheck check) => check.Products(check.Width);

    private static LayerSpec Read(LayerReader r) =>
        new DenseSpec(
            r.Name, r.Modifiers, default, r.Attribute.Size("Units", 0, 1, Limits.RowWidth), r.Activation(ActivationKind.Linear),
            r.Attribute.Flag("Bias", true))
        {
            WeightFormat = r.WeightFormat,
        };
}
