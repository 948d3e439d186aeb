namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>An operator that the file itself defines, by the nodes that it stands for.</summary>
internal sealed class FunctionProto
{
    public string Name { get; set; } = "";

    public string Domain { get; set; } = "";

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    public List<NodeProto> Nodes { get; } = [];

    /// <summary>The arguments that have a value where a call gives none.</summary>
    public List<AttributeProto> Defaults { get; } = [];

    /// <summary>Operator set versions by domain; the standard's is the empty one.</summary>
    public Dictionary<string, long> Opsets { get; } = new(StringComparer.Ordinal);

    public bool ReadField(MessageReader reader, int field)
    {
        switch (field)
        {
            case 1:
                Name = reader.Text();
                return true;
            case 4:
                Inputs.Add(reader.Text());
                return true;
            case 5:
                Outputs.Add(reader.Text());
                return true;
            case 7:
                var node = new NodeProto();
                reader.Message(node.ReadField);
                Nodes.Add(node);
                return true;
            case 9:
                OpsetProto.Read(reader, Opsets);
                return true;
            case 10:
                Domain = reader.Text();
                return true;
            case 11:
                var attribute = new AttributeProto();
                reader.Message(attribute.ReadField);
                Defaults.Add(attribute);
                return true;
            default:
                return false;
        }
    }

    public void Write(MessageWriter writer)
    {
        writer.Text(1, Name);
        writer.Texts(4, Inputs);
        writer.Texts(5, Outputs);
        foreach (var node in Nodes)
        {
            writer.Message(7, node.Write);
        }

        OpsetProto.Write(writer, 9, Opsets);
        writer.Text(10, Domain);
        foreach (var attribute in Defaults)
        {
            writer.Message(11, attribute.Write);
        }
    }
}
