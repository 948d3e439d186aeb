namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>An ONNX file: a graph and the versions of the operators in it.</summary>
internal sealed class ModelProto
{
    public long IrVersion { get; set; }

    public string Producer { get; set; } = "";

    public string ProducerVersion { get; set; } = "";

    public GraphProto? Graph { get; private set; }

    /// <summary>Operator set versions by domain; the standard's is the empty one.</summary>
    public Dictionary<string, long> Opsets { get; } = new(StringComparer.Ordinal);

    /// <summary>Functions that the file itself defines, by their domains and names.</summary>
    public List<(string Domain, string Name)> Functions { get; } = [];

    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static ModelProto Read(string file, byte[] bytes)
    {
        var model = new ModelProto();
        MessageReader.Read(file, bytes, model.ReadField);
        return model.Graph is null
            ? throw new InvalidDataException($"'{file}': there is no graph in the file; it is not an ONNX model.")
            : model;
    }

    public byte[] Write(GraphProto graph) => MessageWriter.Write(writer =>
    {
        writer.Integer(1, IrVersion);
        writer.Text(2, Producer);
        writer.Text(3, ProducerVersion);
        writer.Message(7, graph.Write);
        foreach (var (domain, version) in Opsets)
        {
            writer.Message(8, opset =>
            {
                opset.Text(1, domain);
                opset.Integer(2, version);
            });
        }
    });

    private bool ReadField(MessageReader reader, int field)
    {
        switch (field)
        {
            case 1:
                IrVersion = reader.Integer();
                return true;
            case 2:
                Producer = reader.Text();
                return true;
            case 3:
                ProducerVersion = reader.Text();
                return true;
            case 7:
                Graph = new GraphProto();
                reader.Message(Graph.ReadField);
                return true;
            case 8:
                ReadOpset(reader);
                return true;
            case 25:
                ReadFunction(reader);
                return true;
            default:
                return false;
        }
    }

    private void ReadFunction(MessageReader reader)
    {
        var (domain, name) = ("", "");
        reader.Message((r, field) =>
        {
            switch (field)
            {
                case 1:
                    name = r.Text();
                    return true;
                case 10:
                    domain = r.Text();
                    return true;
                default:
                    return false;
            }
        });
        Functions.Add((domain, name));
    }

    private void ReadOpset(MessageReader reader)
    {
        var (domain, version) = ("", 0L);
        reader.Message((r, field) =>
        {
            switch (field)
            {
                case 1:
                    domain = r.Text();
                    return true;
                case 2:
                    version = r.Integer();
                    return true;
                default:
                    return false;
            }
        });
        Opsets[domain == "ai.onnx" ? "" : domain] = version;
    }
}
