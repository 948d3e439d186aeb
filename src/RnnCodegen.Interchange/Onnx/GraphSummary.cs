using System.Globalization;
using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>What is in a graph, for whoever has to find out why it is refused: inputs, outputs, operators and constants.</summary>
internal static class GraphSummary
{
    // Shorter lists are sizes and axes.
    private const int FewestValues = 16;

    /// <summary>Inputs, outputs and operators with their counts, a line each.</summary>
    public static Dictionary<string, string> Metadata(ModelProto model)
    {
        var graph = model.Graph!;
        var initializers = graph.Initializers.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var operators = AllNodes(graph.Nodes).Concat(model.Functions.SelectMany(f => AllNodes(f.Nodes)))
            .GroupBy(n => n.Domain is "" or "ai.onnx" ? n.Op : $"{n.Domain}.{n.Op}")
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal);
        return new Dictionary<string, string>
        {
            ["inputs"] = Listed(graph.Inputs.Where(i => !initializers.Contains(i.Name)).Select(Text)),
            ["outputs"] = Listed(graph.Outputs.Select(Text)),
            ["operators"] = Listed(operators.Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Key} {g.Count()}"))),
        };
    }

    /// <summary>The constants that may be weights: initializers and long values of Constant nodes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="folder">Where files named by the model lie.</param>
    /// <param name="model">The file's content.</param>
    public static IReadOnlyList<FileTensor> Tensors(string file, string? folder, ModelProto model)
    {
        var reader = new TensorReader(file, folder);
        var constants = AllNodes(model.Graph!.Nodes).Where(n => n.Op == "Constant" && n.Outputs.Count > 0)
            .SelectMany(n => n.Attributes.Where(a => a.Tensor is not null).Select(a => (Name: n.Outputs[0], Tensor: a.Tensor!)))
            .Where(c => c.Tensor.Shape.Aggregate(1L, (product, size) => unchecked(product * size)) >= FewestValues);
        return [.. model.Graph.Initializers.Select(t => (t.Name, Tensor: t)).Concat(constants).DistinctBy(t => t.Name).Select(t =>
        {
            try
            {
                var value = reader.Read(t.Tensor);
                return new FileTensor(t.Name, $"{t.Tensor.Type}", value.Shape, value.ToReals());
            }
            catch (InvalidDataException)
            {
                return new FileTensor(t.Name, $"{t.Tensor.Type}", [.. t.Tensor.Shape.Select(s => (int)Math.Clamp(s, 0, int.MaxValue))],
                    null);
            }
        })];
    }

    private static IEnumerable<NodeProto> AllNodes(IEnumerable<NodeProto> nodes) => nodes.SelectMany(n =>
        new[] { n }.Concat(n.Attributes.Where(a => a.Graph is not null).SelectMany(a => AllNodes(a.Graph!.Nodes))));

    private static string Text(ValueInfoProto info) => $"{info.Name} {info.Type}" +
        (info.Shape is { } shape ? $" [{string.Join(", ", shape.Select(Text))}]" : "");

    private static string Text(Dimension size) => size.Value?.ToString(CultureInfo.InvariantCulture) ?? size.Symbol ?? "?";

    private static string Listed(IEnumerable<string> items) => string.Join(", ", items);
}
