using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>A graph written down for a test, as another program's exporter would have left it.</summary>
internal sealed class TestGraph
{
    private readonly GraphProto _graph = new() { Name = "test" };
    private int _nodes;

    public int Opset { get; init; } = 17;

    public string Producer { get; init; } = "pytorch";

    public GraphProto Proto => _graph;

    /// <summary>Adds an input; a size of 0 is free.</summary>
    public TestGraph Input(string name, params int[] shape) => Input(name, OnnxDataType.Float, shape);

    public TestGraph Input(string name, OnnxDataType type, params int[] shape)
    {
        _graph.Inputs.Add(Info(name, type, shape));
        return this;
    }

    public TestGraph Output(string name, OnnxDataType type, params int[] shape)
    {
        _graph.Outputs.Add(Info(name, type, shape));
        return this;
    }

    public TestGraph Output(string name, params int[] shape)
    {
        _graph.Outputs.Add(Info(name, OnnxDataType.Float, shape));
        return this;
    }

    /// <summary>Adds a constant with values that differ and depend on its name.</summary>
    public TestGraph Weight(string name, params int[] shape)
    {
        var random = new Random(name.Aggregate(7, (hash, c) => (hash * 31) + c));
        return Constant(name, shape,
            [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => (float)((random.NextDouble() * 1.4) - 0.7))]);
    }

    public TestGraph Constant(string name, int[] shape, float[] values) => Constant(name, shape, OnnxDataType.Float,
        MessageWriter.Raw<float>(values));

    public TestGraph Integers(string name, params long[] values) => Constant(name, [values.Length], OnnxDataType.Int64,
        MessageWriter.Raw<long>(values));

    public TestGraph Integer(string name, long value) => Constant(name, [], OnnxDataType.Int64, MessageWriter.Raw<long>([value]));

    public TestGraph Constant(string name, int[] shape, OnnxDataType type, byte[] raw)
    {
        var tensor = new TensorProto { Name = name, Type = type, Raw = raw };
        tensor.Shape.AddRange(shape.Select(s => (long)s));
        _graph.Initializers.Add(tensor);
        return this;
    }

    /// <summary>Adds a node.</summary>
    /// <param name="op">The operator, with a name before it where it is to have one: <c>/lstm/LSTM</c>.</param>
    /// <param name="inputs">Names, separated by blanks; a dash for one left out.</param>
    /// <param name="outputs">Names, as the inputs.</param>
    /// <param name="attributes">The attributes.</param>
    public TestGraph Node(string op, string inputs, string outputs, params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { Op = op.Split('/')[^1].Split('_')[0], Name = op.Contains('/') ? op : $"{op}_{++_nodes}" };
        node.Inputs.AddRange(Names(inputs));
        node.Outputs.AddRange(Names(outputs));
        node.Attributes.AddRange(attributes.Select(a => a.Value switch
        {
            int i => ExportGraph.Attribute(a.Name, (long)i),
            float f => ExportGraph.Attribute(a.Name, f),
            string s => ExportGraph.Attribute(a.Name, s),
            long[] l => ExportGraph.Attribute(a.Name, l),
            float[] l => ExportGraph.Attribute(a.Name, l.ToList()),
            string[] l => ExportGraph.Attribute(a.Name, l),
            TestGraph body => new AttributeProto { Name = a.Name, Kind = AttributeKind.Graph, Graph = body.Proto },
            AttributeProto own => own.Named(a.Name),
            _ => throw new ArgumentException(a.Name),
        }));
        _graph.Nodes.Add(node);
        return this;
    }

    /// <summary>Functions of the file, whose nodes are those of a graph.</summary>
    public List<FunctionProto> Functions { get; } = [];

    /// <summary>Adds a function made of this graph's nodes.</summary>
    public TestGraph Function(string domain, string name, TestGraph body, params AttributeProto[] defaults)
    {
        var function = new FunctionProto { Domain = domain, Name = name, Opsets = { [""] = Opset } };
        function.Inputs.AddRange(body.Proto.Inputs.Select(i => i.Name));
        function.Outputs.AddRange(body.Proto.Outputs.Select(o => o.Name));
        function.Nodes.AddRange(body.Proto.Nodes);
        function.Defaults.AddRange(defaults);
        Functions.Add(function);
        return this;
    }

    public byte[] ToBytes()
    {
        var model = new ModelProto { IrVersion = 8, Producer = Producer, Opsets = { [""] = Opset } };
        model.Functions.AddRange(Functions);
        foreach (var domain in Functions.Select(f => f.Domain).Distinct())
        {
            model.Opsets[domain] = 1;
        }

        return model.Write(_graph);
    }

    public ModelDescription Read(OnnxImportOptions? options = null) => OnnxImporter.Read(ToBytes(), "test.onnx", options);

    private static string[] Names(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => n == "-" ? "" : n)];

    private static ValueInfoProto Info(string name, OnnxDataType type, int[] shape) => new()
    {
        Name = name,
        Type = type,
        Shape = [.. shape.Select((s, k) => s > 0 ? new Dimension { Value = s } : new Dimension { Symbol = $"{name}_{k}" })],
    };
}
