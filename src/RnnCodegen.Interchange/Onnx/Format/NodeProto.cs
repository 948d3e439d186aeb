namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>One operator with the names of the values it reads and makes; an empty name is an optional one left out.</summary>
internal sealed class NodeProto
{
    public string Name { get; set; } = "";

    public string Op { get; set; } = "";

    public string Domain { get; set; } = "";

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    public List<AttributeProto> Attributes { get; } = [];

    public bool ReadField(MessageReader reader, int field)
    {
        switch (field)
        {
            case 1:
                Inputs.Add(reader.Text());
                return true;
            case 2:
                Outputs.Add(reader.Text());
                return true;
            case 3:
                Name = reader.Text();
                return true;
            case 4:
                Op = reader.Text();
                return true;
            case 5:
                var attribute = new AttributeProto();
                reader.Message(attribute.ReadField);
                Attributes.Add(attribute);
                return true;
            case 7:
                Domain = reader.Text();
                return true;
            default:
                return false;
        }
    }

    public void Write(MessageWriter writer)
    {
        writer.Texts(1, Inputs);
        writer.Texts(2, Outputs);
        writer.Text(3, Name);
        writer.Text(4, Op);
        foreach (var attribute in Attributes)
        {
            writer.Message(5, attribute.Write);
        }
    }
}
