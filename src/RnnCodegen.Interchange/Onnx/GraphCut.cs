using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>Takes a stretch of a graph: from a value inside it, which becomes its input, to another, which becomes its output.</summary>
internal static class GraphCut
{
    /// <summary>Leaves of a graph what lies between two values.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="graph">The graph, which is changed.</param>
    /// <param name="options">The values.</param>
    /// <param name="shapeOf">The shape of a value, by following the graph; null where that does not say it.</param>
    /// <exception cref="InvalidDataException">There is no such value, or its shape is not known.</exception>
    public static void Apply(string file, GraphProto graph, OnnxImportOptions options, Func<string, List<Dimension>?> shapeOf)
    {
        var from = options.From is { } name ? InfoOf(file, graph, name, shapeOf) : null;
        if (options.To is { } to)
        {
            RequireMade(file, graph, to);
            graph.Outputs.Clear();
            graph.Outputs.Add(new ValueInfoProto { Name = to, Type = OnnxDataType.Float });
        }

        if (from is not null)
        {
            graph.Nodes.RemoveAll(n => n.Outputs.Contains(from.Name));
            graph.Inputs.Insert(0, from);
        }

        var needed = graph.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        for (var k = graph.Nodes.Count - 1; k >= 0; k--)
        {
            if (graph.Nodes[k].Outputs.Exists(needed.Contains))
            {
                needed.UnionWith(ReadBy(graph.Nodes[k]));
            }
            else
            {
                graph.Nodes.RemoveAt(k);
            }
        }

        // An input beside the stretch's own stays where the stretch reads it.
        graph.Inputs.RemoveAll(i => !needed.Contains(i.Name));
        if (from is not null && !needed.Contains(from.Name))
        {
            throw new InvalidDataException(
                $"'{file}': the output does not depend on '{from.Name}', from which the stretch is to begin.");
        }
    }

    private static ValueInfoProto InfoOf(string file, GraphProto graph, string name, Func<string, List<Dimension>?> shapeOf)
    {
        RequireMade(file, graph, name);
        return graph.Values.Find(v => v.Name == name && v.Shape is not null) is { } known ? known
            : shapeOf(name) is { } shape ? new ValueInfoProto { Name = name, Type = OnnxDataType.Float, Shape = shape }
            : throw new InvalidDataException(
                $"'{file}': the shape of '{name}' is not known, neither from the file nor by following the graph to it; save the file " +
                "with what onnx.shape_inference.infer_shapes finds, and begin there.");
    }

    private static void RequireMade(string file, GraphProto graph, string name)
    {
        if (!graph.Nodes.Exists(n => n.Outputs.Contains(name)))
        {
            throw new InvalidDataException(
                $"'{file}': no node makes a value '{name}'; a stretch begins and ends at values that nodes of the graph make, such as " +
                string.Join(", ", graph.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0).Take(8).Select(o => $"'{o}'")) + ".");
        }
    }

    /// <summary>The values that a node reads, also those that its bodies see around them.</summary>
    private static IEnumerable<string> ReadBy(NodeProto node) => node.Inputs.Concat(node.Attributes.Where(a => a.Graph is not null)
        .SelectMany(a => a.Graph!.Nodes.SelectMany(ReadBy).Concat(a.Graph.Outputs.Select(o => o.Name))));
}
