using System.Globalization;
using System.Text;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>A model as a table of text.</summary>
internal static class ModelSummary
{
    public static string Of(ModelCore core)
    {
        var model = core.Definition;
        var rows = new List<string[]> { new[] { "layer", "tensor", "shape", "parameters" } };
        var before = "";
        foreach (var tensor in core.Parameters.Tensors)
        {
            var dot = tensor.Name.IndexOf('.', StringComparison.Ordinal);
            var layer = tensor.Name[..Math.Max(0, dot)];
            rows.Add(
            [
                layer == before ? "" : layer, tensor.Name[(dot + 1)..], $"[{string.Join(", ", tensor.Shape)}]", Text(tensor.Values.Length),
            ]);
            before = layer;
        }

        var text = new StringBuilder($"{model.Name}: {Input(model)} in, {Output(model)} out\n");
        var widths = Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length)).ToArray();
        foreach (var row in rows)
        {
            for (var c = 0; c < row.Length; c++)
            {
                var isLast = c == row.Length - 1;
                text.Append("  ").Append(isLast ? row[c].PadLeft(widths[c]) : row[c].PadRight(widths[c]));
            }

            text.Append('\n');
        }

        long count = model.ParameterCount;
        var state = model.State.Sum(slot => slot.Size);
        text.Append(CultureInfo.InvariantCulture, $"{Text(count)} parameters, {Text(4 * count)} bytes as float32\n");
        text.Append(state == 0
            ? "no state"
            : $"{Text(state)} floats of state: {string.Join(", ", model.State.Select(s => $"{s.Name} {s.Size}"))}");
        text.Append(model.CanStream ? "; runs step by step and whole sequences\n" : "; runs whole sequences only\n");
        text.Append($"{Text(model.FlopsPerStep)} floating-point operations per step, computed as {core.Width}");
        return text.ToString();
    }

    private static string Input(ModelDefinition model)
    {
        if (model.TakesTokens)
        {
            return $"tokens 0 to {model.Vocabulary - 1}";
        }

        var ids = string.Join(", ", model.Categories.Select(c => $"column {c.Column}: {c.Layer} 0 to {c.Count - 1}"));
        return $"rows of {model.InputSize} features{(ids.Length > 0 ? $" ({ids})" : "")}";
    }

    private static string Output(ModelDefinition model) =>
        $"{model.OutputSize} values per {(model.OutputIsSequence ? "step" : "sequence")}" +
        (model.Output == OutputTransform.None ? "" : $" ({model.Output} in Run and Step)") +
        (model.MemorySize > 0 ? $", attending to rows of {model.MemorySize}" : "");

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
