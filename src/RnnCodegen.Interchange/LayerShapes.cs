using System.Globalization;
using System.Text.RegularExpressions;

namespace RnnCodegen.Interchange;

/// <summary>What a layer makes: the width of its rows, and how many there are.</summary>
/// <param name="Width">Features of a row.</param>
/// <param name="Steps">
/// The number of rows a sample has: T as the input, a formula over the rows of an earlier layer, or null where it is one per sequence.
/// </param>
public sealed record LayerShape(int Width, string? Steps)
{
    /// <summary>The shape as text: <c>[T, B, 64]</c> or <c>[B, 64]</c>.</summary>
    public override string ToString() => Steps is null ? $"[B, {Width}]" : $"[{Steps}, B, {Width}]";
}

/// <summary>
/// The shapes of a described model's layers. A model that is wrong gets shapes all the same: to refuse it is the generator's part.
/// </summary>
public static partial class LayerShapes
{
    /// <summary>The shape of each layer, in order.</summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<LayerShape> Of(ModelDescription model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var shapes = new Dictionary<string, LayerShape>(StringComparer.Ordinal)
        {
            [RnnModelAttribute.Input] = new(model.Model.InputSize, "T")
        };
        var result = new List<LayerShape>();
        foreach (var (layer, sources) in model.Layers.Zip(LayerSources.Of(model)))
        {
            var inputs = sources.Select(s => shapes.GetValueOrDefault(s, new LayerShape(0, "T"))).ToList();
            result.Add(shapes[layer.Name] = Of(layer.Options, inputs, model.Model));
        }

        return result;
    }

    private static LayerShape Of(LayerAttribute layer, IReadOnlyList<LayerShape> inputs, RnnModelAttribute model)
    {
        var x = inputs[0];
        return layer switch
        {
            EmbeddingAttribute a => new(a.Column < 0 ? a.Size : x.Width - 1 + a.Size, "T"),
            RecurrentAttribute a => new(
                (a is LstmAttribute { Projection: > 0 and var projection } ? projection : a.Units) * (a.Bidirectional ? 2 : 1),
                a.ReturnSequences ? x.Steps : null),
            DenseAttribute a => x with { Width = a.Units },
            RowConv1dAttribute a => x with { Width = a.Filters * RowConvolutions.Positions(a, x.Width) },
            Conv1dAttribute a => new(a.Filters, Windows(x.Steps, a)),
            Pool1dAttribute a => x with { Steps = Windows(x.Steps, a.Size, a.Stride == 0 ? a.Size : a.Stride) },
            GlobalPoolAttribute or AttentionPoolAttribute => x with { Steps = null },
            ConcatAttribute => x with { Width = inputs.Sum(i => i.Width) },
            AttentionAttribute => x with { Width = model.MemorySize },
            DropoutAttribute or LayerNormAttribute or AddAttribute or MultiplyAttribute or ActivationAttribute or AffineAttribute
                or PReluAttribute
                or ReverseTimeAttribute => x,
            _ => throw new ArgumentException($"The shape of a layer [{AttributeText.Name(layer)}] is not known.", nameof(layer)),
        };
    }

    private static string? Windows(string? steps, Conv1dAttribute conv) => conv.Padding == TimePadding.Valid
        ? Windows(steps, (conv.Dilation * (conv.Kernel - 1)) + 1 - conv.PadLeft - conv.PadRight, conv.Stride)
        : steps is null || conv.Stride == 1 ? steps : $"ceil({Term(steps)} / {conv.Stride})";

    /// <summary>Rows that windows of so many steps leave: floor((steps - extent) / stride) + 1.</summary>
    private static string? Windows(string? steps, int extent, int stride)
    {
        if (steps is null || extent == stride)
        {
            return steps is null || stride == 1 ? steps : $"floor({Term(steps)} / {stride})";
        }

        var lost = Less(steps, extent - 1);
        return stride == 1 ? lost : $"ceil({Term(lost)} / {stride})";
    }

    /// <summary>A formula less a number, which joins the number that it ends with.</summary>
    private static string Less(string formula, int number)
    {
        if (EndsWithNumber().Match(formula) is { Success: true } end && Term(formula) != formula)
        {
            var sign = end.Groups["sign"].Value == "-" ? 1 : -1;
            return Less(end.Groups["rest"].Value,
                (sign * int.Parse(end.Groups["number"].ValueSpan, CultureInfo.InvariantCulture)) + number);
        }

        return number == 0 ? formula : number > 0 ? $"{formula} - {number}" : $"{formula} + {-number}";
    }

    [GeneratedRegex(@"^(?<rest>.+) (?<sign>[-+]) (?<number>\d+)$")]
    private static partial Regex EndsWithNumber();

    /// <summary>A formula as a term of another: in parentheses where it is a sum.</summary>
    private static string Term(string formula)
    {
        var depth = 0;
        foreach (var c in formula)
        {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0 && c is '-' or '+')
            {
                return $"({formula})";
            }
        }

        return formula;
    }
}
