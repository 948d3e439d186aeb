using System.Globalization;
using RnnCodegen.Interchange.TensorFlow.Graphs;
using RnnCodegen.Interchange.TensorFlow.Lite;

namespace RnnCodegen.Interchange.TensorFlow;

/// <summary>Opens TensorFlow's files; what is in one that is refused is shown all the same.</summary>
internal static class TensorFlowFiles
{
    // Shorter lists are sizes and axes.
    private const int FewestValues = 16;

    public static ModelFile OpenLite(string path, string format, FilePart part)
    {
        var bytes = FileReader.ReadAll(path);
        return Open(path, format, () => LiteImporter.Import(path, bytes, part.Name), () => Contents(LiteModel.Read(bytes)));
    }

    public static ModelFile OpenGraph(string path, string format, FilePart part)
    {
        var nodes = GraphNode.ReadAll(path, FileReader.ReadAll(path));
        return Open(path, format, () => new GraphTranslation(path, nodes).Run(part.Name), () => Contents(nodes));
    }

    private static ModelFile Open(
        string path, string format, Func<ModelDescription> read, Func<(Dictionary<string, string> Metadata, FileTensor[] Tensors)> contents)
    {
        try
        {
            return new ModelFile(path, format) { Model = read(), AllTensors = () => contents().Tensors };
        }
        catch (InvalidDataException e) when (e.InnerException is null)
        {
            // What is damaged has another error inside; in what is whole, something has no counterpart.
            var (metadata, tensors) = contents();
            return new ModelFile(path, format)
            {
                Reason = e.Message.Replace($"'{path}' ({format}): ", "").Replace($"'{path}': ", ""),
                IsRefused = true,
                Metadata = metadata,
                Tensors = tensors,
            };
        }
    }

    private static (Dictionary<string, string>, FileTensor[]) Contents(LiteModel model) => (
        new()
        {
            ["inputs"] = string.Join(", ", model.Inputs.Select(i => Text(model.Tensors[i]))),
            ["outputs"] = string.Join(", ", model.Outputs.Select(i => Text(model.Tensors[i]))),
            ["operators"] = Counted(model.Operators.Select(LiteTranslation.NameOf)),
        },
        [.. model.Tensors.Where(t => t.IsConstant && t.Shape.Aggregate(1L, (product, size) => product * size) >= FewestValues)
            .DistinctBy(t => t.Name).Select(t => new FileTensor(t.Name, t.TypeName, t.Shape, t.Reals()))]);

    private static (Dictionary<string, string>, FileTensor[]) Contents(List<GraphNode> nodes)
    {
        var read = nodes.SelectMany(n => n.Inputs).Select(i => i.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        return (
            new()
            {
                ["inputs"] = string.Join(", ", nodes.Where(n => n.Op == "Placeholder")
                    .Select(n => $"{n.Name}{(n.Shape is { } shape ? $" [{string.Join(", ", shape)}]" : "")}")),
                ["outputs"] = string.Join(", ", nodes.Where(n => !read.Contains(n.Name) && n.Op is not ("Const" or "NoOp"))
                    .Select(n => n.Name)),
                ["operators"] = Counted(nodes.Select(n => n.Op)),
            },
            [.. nodes.Where(n => n.Value is { Values.Length: >= FewestValues }).DistinctBy(n => n.Name)
                .Select(n => new FileTensor(n.Name, "float32", n.Value!.Shape, Array.ConvertAll(n.Value.Values, v => (float)v)))]);
    }

    private static string Text(LiteTensor tensor) => $"{tensor.Name} {tensor.TypeName} [{string.Join(", ", tensor.Signature)}]";

    private static string Counted(IEnumerable<string> names) => string.Join(", ",
        names.GroupBy(n => n).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Key} {g.Count()}")));
}
