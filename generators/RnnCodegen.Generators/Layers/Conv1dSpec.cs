using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>f(W x + b) of the steps of each window.</summary>
internal sealed record Conv1dSpec(string Name, string Modifiers, EquatableArray<int> Sources, int Filters, WindowSpec Window,
    ActivationSpec Activation, bool Bias)
    : LayerSpec(Name, Modifiers, Sources)
{
    private static readonly LayerKind s_kind = new("Conv1d", Read);

    public override LayerKind Kind => s_kind;

    public override string Description => 
        $"Convolution over {Window.Size} steps{(Window.Dilation > 1 ? $", {Window.Dilation} apart" : "")}" +
        $"{(Window.Stride > 1 ? $", one every {Window.Stride}" : "")}{LayerProse.Then(Activation)}{LayerProse.Format(WeightFormat)}";

    public override IReadOnlyList<object> View => [ViewArgument.Parameters, ViewArgument.Name, Filters, Window];

    public override bool NeedsSequence => true;

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => new(Filters, sources[0].Axis?.After(Window));

    public override IEnumerable<Parameter> Parameters(int inputWidth)
    {
        var terms = inputWidth * Window.Size;
        yield return new("weight", "DenseWeight", Filters, terms, terms) { Kernel = Window.Size };
        if (Bias)
        {
            yield return Parameter.Vector("bias", "DenseBias", Filters, terms);
        }
    }

    public override ActivationKind ActivationBehind(Func<int, ActivationKind> ofSource) => Activation.Kind;

    public override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape)
    {
        var windows = graph.AddWindows(Name, Window, sources[0], shape.Axis);
        var output = graph.NewValue(Name, shape.Width, shape.Axis);

        // The product of a row of windows is a dense layer's.
        graph.Add(
            new DenseSpec(Name, Modifiers, Sources, Filters, Activation, Bias) { WeightFormat = WeightFormat }.NodeOf(windows, output));
        return output;
    }

    public override void Check(SourceCheck check)
    {
        check.Products(check.Width * Window.Size);
        check.Window(Window);
    }

    private static LayerSpec Read(LayerReader r)
    {
        var a = r.Attribute;
        var size = a.Size("Kernel", 1, 1, Limits.WindowSteps);
        var dilation = a.Size("Dilation", 1, 1, Limits.WindowSteps);
        var stride = a.Size("Stride", 1, 1, Limits.WindowSteps);
        var padding = a.Member("Padding", TimePaddingKind.Valid);
        var left = a.Size("PadLeft", 0, 0, Limits.WindowSteps);
        var right = a.Size("PadRight", 0, 0, Limits.WindowSteps);
        foreach (var name in new[] { "PadLeft", "PadRight" }.Where(n => padding != TimePaddingKind.Valid && a.Has(n)))
        {
            r.Diagnostics.Report(LayerRules.PaddingTwice, a.At(name), r.Name, name, padding.ToString());
        }

        var extent = (size - 1) * dilation;
        (left, right) = padding switch
        {
            TimePaddingKind.Valid => (left, right),
            TimePaddingKind.Same => (extent / 2, extent - (extent / 2)),
            TimePaddingKind.Causal => (extent, 0),
            _ => throw new InvalidOperationException($"{padding} is no padding."),
        };
        return new Conv1dSpec(
            r.Name, r.Modifiers, default, a.Size("Filters", 0, 1, Limits.Units), new WindowSpec(size, stride, dilation, left, right),
            r.Activation(ActivationKind.Linear), a.Flag("Bias", true))
        {
            WeightFormat = r.WeightFormat,
        };
    }
}
