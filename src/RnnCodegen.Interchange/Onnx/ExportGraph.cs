using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Nodes and constants of a graph that is being written. A node is named
/// after its layer and operator, so that reading it back finds the layers.
/// </summary>
internal sealed class ExportGraph
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public GraphProto Proto { get; } = new() { Name = "model" };

    /// <summary>Keeps a name for an input or output.</summary>
    public void Reserve(string name) => _names.Add(name);

    /// <summary>Adds a node with one output, whose name it returns.</summary>
    /// <param name="layer">The layer; empty for what belongs to none.</param>
    /// <param name="op">The operator.</param>
    /// <param name="inputs">Names of what it reads; empty for an optional input left out.</param>
    public string Node(string layer, string op, params IEnumerable<string> inputs) => Node(layer, op, inputs, []);

    /// <summary>Adds a node with one output, whose name it returns.</summary>
    public string Node(string layer, string op, IEnumerable<string> inputs, IEnumerable<AttributeProto> attributes) =>
        Node(layer, op, inputs, attributes, outputs: 1)[0];

    /// <summary>Adds a node, and returns its outputs' names.</summary>
    public string[] Node(string layer, string op, IEnumerable<string> inputs, IEnumerable<AttributeProto> attributes, int outputs)
    {
        var name = Unique(layer.Length == 0 ? op : $"/{layer}/{op}");
        var node = new NodeProto { Name = name, Op = op };
        node.Inputs.AddRange(inputs);
        node.Attributes.AddRange(attributes);
        string[] results = [.. Enumerable.Range(0, outputs).Select(k => $"{name}:{k}")];
        node.Outputs.AddRange(results);
        Proto.Nodes.Add(node);
        return results;
    }

    /// <summary>Gives a value a name by a node that passes it on.</summary>
    public void Rename(string value, string name)
    {
        var node = new NodeProto { Name = Unique("Identity"), Op = "Identity" };
        node.Inputs.Add(value);
        node.Outputs.Add(name);
        Proto.Nodes.Add(node);
    }

    public string Constant(string name, IReadOnlyList<int> shape, float[] values) =>
        Constant(name, shape, OnnxDataType.Float, MessageWriter.Raw<float>(values));

    public string Constant(string name, params long[] values) => Constant(name, [values.Length], OnnxDataType.Int64,
        MessageWriter.Raw<long>(values));

    /// <summary>Adds a whole number by itself.</summary>
    public string Scalar(string name, long value) => Constant(name, [], OnnxDataType.Int64, MessageWriter.Raw<long>([value]));

    public static AttributeProto Attribute(string name, long value) => new() { Name = name, Kind = AttributeKind.Integer, Integer = value };

    public static AttributeProto Attribute(string name, float value) => new() { Name = name, Kind = AttributeKind.Float, Float = value };

    public static AttributeProto Attribute(string name, string value) => new() { Name = name, Kind = AttributeKind.Text, Text = value };

    public static AttributeProto Attribute(string name, long[] values)
    {
        var attribute = new AttributeProto { Name = name, Kind = AttributeKind.Integers };
        attribute.Integers.AddRange(values);
        return attribute;
    }

    public static AttributeProto Attribute(string name, List<float> values)
    {
        var attribute = new AttributeProto { Name = name, Kind = AttributeKind.Floats };
        attribute.Floats.AddRange(values);
        return attribute;
    }

    public static AttributeProto Attribute(string name, IEnumerable<string> values)
    {
        var attribute = new AttributeProto { Name = name, Kind = AttributeKind.Texts };
        attribute.Texts.AddRange(values);
        return attribute;
    }

    private string Constant(string name, IReadOnlyList<int> shape, OnnxDataType type, byte[] raw)
    {
        var tensor = new TensorProto { Name = Unique(name), Type = type, Raw = raw };
        tensor.Shape.AddRange(shape.Select(s => (long)s));
        Proto.Initializers.Add(tensor);
        return tensor.Name;
    }

    private string Unique(string wish)
    {
        var name = wish;
        for (var k = 1; !_names.Add(name); k++)
        {
            name = $"{wish}_{k}";
        }

        return name;
    }
}
