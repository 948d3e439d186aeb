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

    /// <summary>The node of a function's body as it is in a call.</summary>
    /// <param name="arguments">The function's arguments.</param>
    /// <param name="missing">The function's inputs that the call leaves out.</param>
    public NodeProto InCall(IReadOnlyDictionary<string, AttributeProto> arguments, IReadOnlySet<string> missing)
    {
        var node = new NodeProto { Name = Name, Op = Op, Domain = Domain };
        node.Inputs.AddRange(Inputs.Select(i => missing.Contains(i) ? "" : i));
        node.Outputs.AddRange(Outputs);

        // An argument without a value leaves the operator's own default.
        node.Attributes.AddRange(Attributes.Where(a => a.Reference.Length == 0 || arguments.ContainsKey(a.Reference))
            .Select(a => a.Reference.Length == 0 ? a : arguments[a.Reference].Named(a.Name)));
        return node;
    }

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

        writer.Text(7, Domain);
    }
}
