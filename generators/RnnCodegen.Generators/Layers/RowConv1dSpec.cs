using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>f(W x + b) of each window inside a row.</summary>
/// <param name="Window">The window, but for the row's length, which is not known before what it reads is.</param>
internal sealed record RowConv1dSpec(string Name, string Modifiers, EquatableArray<int> Sources, int Filters, RowWindowSpec Window,
    ActivationSpec Activation, bool Bias)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("RowConv1d", Read);

    public override LayerKind Kind => s_kind;

    public override string Description =>
        $"Convolution inside each row, over {Window.Size} places{(Window.Channels > 1 ? $" of {Window.Channels} channels" : "")}" +
        $"{(Window.Dilation > 1 ? $", {Window.Dilation} apart" : "")}{(Window.Stride > 1 ? $", one every {Window.Stride}" : "")}" +
        $"{LayerProse.Then(Activation)}{LayerProse.Format(WeightFormat)}";

    public override IReadOnlyList<object> View => [ViewArgument.Parameters, ViewArgument.Name, Filters];

    public override bool NeedsSequence => false;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) =>
        new((int)Math.Min(int.MaxValue, Math.Max(1, (long)Filters * Of(sources[0].Width).Positions)), sources[0].Axis);

    public override IEnumerable<Parameter> Parameters(int inputWidth)
    {
        yield return new("weight", "DenseWeight", Filters, Window.Terms, Window.Terms) { Kernel = Window.Size };
        if (Bias)
        {
            yield return Parameter.Vector("bias", "DenseBias", Filters, Window.Terms);
        }
    }

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => Activation.Kind;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape)
    {
        var output = graph.NewValue(Name, shape.Width, shape.Axis);
        var product = new DenseSpec(Name, Modifiers, Sources, Filters, Activation, Bias) { WeightFormat = WeightFormat };
        graph.Add(product.NodeOf(sources[0], output, Of(sources[0].Width)));
        return output;
    }

    public override void Check(SourceCheck check)
    {
        check.Products(Window.Terms);
        check.RowWindow(Of((int)check.Width), check.Width, Filters);
    }

    /// <summary>The window over rows of a width.</summary>
    private RowWindowSpec Of(int width) => Window with { Length = width / Window.Channels };

    private static LayerSpec Read(LayerReader r)
    {
        var a = r.Attribute;
        int Places(string name, int otherwise, int least) => a.Size(name, otherwise, least, Limits.Units);
        var window = new RowWindowSpec(
            Places("Channels", 1, 1), 0, Places("Kernel", 1, 1), Places("Stride", 1, 1), Places("Dilation", 1, 1), Places("PadLeft", 0, 0),
            Places("PadRight", 0, 0), a.Flag("Mirror", false));
        return new RowConv1dSpec(
            r.Name, r.Modifiers, default, a.Size("Filters", 0, 1, Limits.Units), window, r.Activation(ActivationKind.Linear),
            a.Flag("Bias", true))
        {
            WeightFormat = r.WeightFormat,
        };
    }
}
