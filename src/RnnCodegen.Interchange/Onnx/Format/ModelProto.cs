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

    /// <summary>Functions that the file itself defines.</summary>
    public List<FunctionProto> Functions { get; } = [];

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
        OpsetProto.Write(writer, 8, Opsets);
        foreach (var function in Functions)
        {
            writer.Message(25, function.Write);
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
                OpsetProto.Read(reader, Opsets);
                return true;
            case 25:
                var function = new FunctionProto();
                reader.Message(function.ReadField);
                Functions.Add(function);
                return true;
            default:
                return false;
        }
    }
}
