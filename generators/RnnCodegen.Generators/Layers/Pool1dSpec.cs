using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>Pools windows of steps.</summary>
internal sealed record Pool1dSpec(string Name, string Modifiers, EquatableArray<int> Sources, PoolingKind Pooling, WindowSpec Window)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Pool1d", Read);

    public override LayerKind Kind => s_kind;

    public override string Description =>
        $"{(Pooling == PoolingKind.Max ? "Maximum" : "Mean")} of {Window.Size} steps, one every {Window.Stride}";

    public override IReadOnlyList<object> View => [ViewArgument.Name, Pooling, Window];

    public override bool NeedsSequence => true;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => new(sources[0].Width, sources[0].Axis?.After(Window));

    public override IEnumerable<Parameter> Parameters(int inputWidth) => [];

    // Means and maxima of values stay within their bounds.
    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => ofSource(Sources[0]);

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape)
    {
        var windows = graph.AddWindows(Name, Window, sources[0], shape.Axis);
        var output = graph.NewValue(Name, shape.Width, shape.Axis);
        graph.Add(new WindowPoolNode(Name, Pooling, Window.Size, windows, output));
        return output;
    }

    public override void Check(SourceCheck check) => check.Window(Window);

    private static LayerSpec Read(LayerReader r)
    {
        var size = r.Attribute.Size("Size", 1, 1, Limits.WindowSteps);
        var stride = r.Attribute.Size("Stride", 0, 0, Limits.WindowSteps);
        return new Pool1dSpec(
            r.Name, r.Modifiers, default, r.Attribute.Member("Pooling", PoolingKind.Average),
            new WindowSpec(size, stride == 0 ? size : stride, 1, 0, 0));
    }
}
