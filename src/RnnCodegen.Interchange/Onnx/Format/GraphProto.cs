namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>Nodes in an order in which each reads only what is there before it, constants, and the values that enter and leave.</summary>
internal sealed class GraphProto
{
    public string Name { get; set; } = "";

    public List<NodeProto> Nodes { get; } = [];

    public List<TensorProto> Initializers { get; } = [];

    public List<ValueInfoProto> Inputs { get; } = [];

    public List<ValueInfoProto> Outputs { get; } = [];

    /// <summary>Element types and shapes of values inside, where the file says them.</summary>
    public List<ValueInfoProto> Values { get; } = [];

    /// <summary>Whether there are sparse constants, which no exporter writes for recurrent models.</summary>
    public bool HasSparseInitializers { get; private set; }

    public bool ReadField(MessageReader reader, int field)
    {
        switch (field)
        {
            case 1:
                var node = new NodeProto();
                reader.Message(node.ReadField);
                Nodes.Add(node);
                return true;
            case 2:
                Name = reader.Text();
                return true;
            case 5:
                var tensor = new TensorProto();
                reader.Message(tensor.ReadField);
                Initializers.Add(tensor);
                return true;
            case 11 or 12:
                var info = new ValueInfoProto();
                reader.Message(info.ReadField);
                (field == 11 ? Inputs : Outputs).Add(info);
                return true;
            case 13:
                var inside = new ValueInfoProto();
                reader.Message(inside.ReadField);
                Values.Add(inside);
                return true;
            case 15:
                HasSparseInitializers = true;
                return false;
            default:
                return false;
        }
    }

    public void Write(MessageWriter writer)
    {
        foreach (var node in Nodes)
        {
            writer.Message(1, node.Write);
        }

        writer.Text(2, Name);
        foreach (var tensor in Initializers)
        {
            writer.Message(5, tensor.Write);
        }

        foreach (var input in Inputs)
        {
            writer.Message(11, input.Write);
        }

        foreach (var output in Outputs)
        {
            writer.Message(12, output.Write);
        }

        foreach (var value in Values)
        {
            writer.Message(13, value.Write);
        }
    }
}
