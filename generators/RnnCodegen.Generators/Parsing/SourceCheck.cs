using Microsoft.CodeAnalysis;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>What a layer may check once it is known what it reads, and how it reports.</summary>
/// <param name="model">The model's name.</param>
/// <param name="draft">The layer.</param>
/// <param name="memorySize">Features of a row of the model's memory; 0 where it has none.</param>
/// <param name="shapes">The shapes of the values read.</param>
/// <param name="sources">Their names.</param>
/// <param name="places">Where the author names them.</param>
/// <param name="diagnostics">Receives what is wrong.</param>
internal sealed class SourceCheck(
    string model, LayerDraft draft, int memorySize, IReadOnlyList<ValueShape> shapes, IReadOnlyList<string> sources,
    IReadOnlyList<LocationInfo> places, DiagnosticBag diagnostics)
{
    public string Model => model;

    public AttributeReader Attribute => draft.Attribute;

    public int MemorySize => memorySize;

    public IReadOnlyList<ValueShape> Shapes => shapes;

    /// <summary>Features of all values read.</summary>
    public long Width { get; } = shapes.Sum(s => (long)s.Width);

    /// <summary>Reports what is wrong with the layer, whose name is the message's first argument.</summary>
    public void Report(DiagnosticDescriptor rule, LocationInfo place, params string[] arguments) =>
        diagnostics.Report(rule, place, [draft.Name, .. arguments]);

    /// <summary>Refuses a number that is too large.</summary>
    public void Size(string name, long value, long most)
    {
        if (value > most)
        {
            diagnostics.Report(LayerRules.Size, Attribute.Name, name, draft.Name, Text(value), "1", Text(most));
        }
    }

    /// <summary>Refuses sums of more terms than the layer's weight format allows.</summary>
    public void Products(long terms)
    {
        if (draft.Spec!.WeightFormat == WeightFormatKind.Int8 && terms > Limits.Int8Terms)
        {
            Report(LayerRules.Int8TooWide, Attribute.At("WeightFormat"), Text(terms), Text(Limits.Int8Terms));
        }
    }

    /// <summary>Refuses values that are not equally wide.</summary>
    /// <param name="verb">What the layer does to them.</param>
    public void SameWidths(string verb)
    {
        for (var i = 1; i < shapes.Count; i++)
        {
            if (Equals(shapes[0].Axis, shapes[i].Axis) && shapes[0].Width != shapes[i].Width)
            {
                Report(LayerRules.WidthsDiffer, places[i], sources[0], Text(shapes[0].Width), sources[i], Text(shapes[i].Width), verb);
            }
        }
    }

    /// <summary>Windows over windows multiply their strides, and all of a streaming step's rows are in memory at once.</summary>
    public void Window(WindowSpec window)
    {
        Size("A window's width", Width * window.Size, Limits.RowWidth);
        if (shapes[0].Axis is not { } axis)
        {
            return;
        }

        var over = axis.Windows.Append(window).ToList();
        var scale = over.Aggregate(1L, (steps, w) => Math.Min(steps * w.Stride, int.MaxValue));
        var least = Enumerable.Reverse(over).Aggregate(1L,
            (steps, w) => Math.Min(Math.Max(1, ((steps - 1) * w.Stride) + w.Extent - w.PadLeft - w.PadRight), int.MaxValue));
        Size("The number of input steps per step", Math.Max(scale, least), Limits.AxisSteps);
        if (scale <= Limits.AxisSteps && window.Streams)
        {
            Size("The number of values a streaming step", Math.Max(window.PadLeft, scale * window.Size) * Width, Limits.StepFloats);
        }
    }

    /// <summary>Windows inside rows are of whole channels, and their rows are in memory at once.</summary>
    /// <param name="window">The windows.</param>
    /// <param name="width">Features of a row.</param>
    /// <param name="filters">What each becomes.</param>
    public void RowWindow(RowWindowSpec window, long width, int filters)
    {
        if (width % window.Channels != 0)
        {
            Report(LayerRules.RowWindow, Attribute.At("Channels"), Text(width),
                $"Channels = {Text(window.Channels)} does not divide them; give the channels that a row has, one after the other");
            return;
        }

        if (window.Padded < window.Extent)
        {
            Report(LayerRules.RowWindow, Attribute.At("Kernel"), Text(width),
                $"its kernel takes {Text(window.Extent)} places, more than the {Text(window.Padded)} of a channel with what is before " +
                "and after it; give a smaller Kernel or Dilation, or more of PadLeft and PadRight");
            return;
        }

        foreach (var (name, pad) in new[] { ("PadLeft", window.PadLeft), ("PadRight", window.PadRight) })
        {
            if (window.Mirrors && pad >= window.Length)
            {
                Report(LayerRules.RowWindow, Attribute.At(name), Text(width),
                    $"a channel of {Text(window.Length)}, mirrored, has {Text(window.Length - 1)} places before it and after it; give " +
                    $"{name} no more than these");
            }
        }

        Size("The width of an output row", (long)filters * window.Positions, Limits.RowWidth);
        Size("The number of values that all of its outputs see", (long)window.Terms * window.Positions, Limits.StepFloats);
    }

    private static string Text(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
