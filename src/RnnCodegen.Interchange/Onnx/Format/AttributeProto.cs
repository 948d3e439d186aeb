using System.Text;

namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>What an attribute's value is; the numbers are the format's.</summary>
internal enum AttributeKind
{
    None = 0,
    Float = 1,
    Integer = 2,
    Text = 3,
    Tensor = 4,
    Graph = 5,
    Floats = 6,
    Integers = 7,
    Texts = 8,
}

/// <summary>A named argument of a node.</summary>
internal sealed class AttributeProto
{
    public string Name { get; set; } = "";

    public AttributeKind Kind { get; set; }

    public float Float { get; set; }

    public long Integer { get; set; }

    public string Text { get; set; } = "";

    public TensorProto? Tensor { get; set; }

    /// <summary>The body of If, Loop or Scan.</summary>
    public GraphProto? Graph { get; set; }

    /// <summary>In a function's body: which argument of the function it is; empty where it has a value of its own.</summary>
    public string Reference { get; set; } = "";

    public List<float> Floats { get; } = [];

    public List<long> Integers { get; } = [];

    public List<string> Texts { get; } = [];

    /// <summary>The same value under another name.</summary>
    public AttributeProto Named(string name)
    {
        var copy = (AttributeProto)MemberwiseClone();
        copy.Name = name;
        return copy;
    }

    public bool ReadField(MessageReader reader, int field)
    {
        switch (field)
        {
            case 1:
                Name = reader.Text();
                return true;
            case 2:
                Float = reader.Float();
                return true;
            case 3:
                Integer = reader.Integer();
                return true;
            case 4:
                Text = Encoding.UTF8.GetString(reader.Bytes());
                return true;
            case 5:
                Tensor = new TensorProto();
                reader.Message(Tensor.ReadField);
                return true;
            case 6:
                Graph = new GraphProto();
                reader.Message(Graph.ReadField);
                return true;
            case 7:
                reader.Floats(Floats);
                return true;
            case 8:
                reader.Integers(Integers);
                return true;
            case 9:
                Texts.Add(Encoding.UTF8.GetString(reader.Bytes()));
                return true;
            case 21:
                Reference = reader.Text();
                return true;
            case 20:
                Kind = (AttributeKind)reader.Integer();
                return true;
            default:
                return false;
        }
    }

    public void Write(MessageWriter writer)
    {
        writer.Text(1, Name);
        switch (Kind)
        {
            case AttributeKind.Float:
                writer.Float(2, Float);
                break;
            case AttributeKind.Integer:
                writer.Integer(3, Integer);
                break;
            case AttributeKind.Text:
                writer.Text(4, Text);
                break;
            case AttributeKind.Tensor:
                writer.Message(5, Tensor!.Write);
                break;
            case AttributeKind.Graph when Graph is not null:
                writer.Message(6, Graph.Write);
                break;
            case AttributeKind.Floats:
                writer.Floats(7, Floats);
                break;
            case AttributeKind.Integers:
                writer.Integers(8, Integers);
                break;
            case AttributeKind.Texts:
                writer.Texts(9, Texts);
                break;
        }

        writer.Integer(20, (long)Kind);
        if (Reference.Length > 0)
        {
            writer.Text(21, Reference);
        }
    }
}
