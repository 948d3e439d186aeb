namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>A constant: its values stand in raw bytes, in a list for their type, or in another file.</summary>
internal sealed class TensorProto
{
    public const int StoredElsewhere = 1;

    public string Name { get; set; } = "";

    public OnnxDataType Type { get; set; }

    public List<long> Shape { get; } = [];

    public byte[]? Raw { get; set; }

    public List<float> Floats { get; } = [];

    public List<double> Doubles { get; } = [];

    /// <summary>
    /// The format's int32_data, which also holds all smaller integers and the bits of 16-bit floats, or its int64_data or uint64_data.
    /// </summary>
    public List<long> Integers { get; } = [];

    /// <summary>Where the values are; 0 for this file.</summary>
    public long Location { get; private set; }

    /// <summary>What the format says of values elsewhere: location, offset, length.</summary>
    public Dictionary<string, string> External { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a file that holds one tensor, as the data of ONNX's own tests do.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static TensorProto Read(string file, byte[] bytes)
    {
        var tensor = new TensorProto();
        MessageReader.Read(file, bytes, tensor.ReadField);
        return tensor;
    }

    public bool ReadField(MessageReader reader, int field)
    {
        switch (field)
        {
            case 1:
                reader.Integers(Shape);
                return true;
            case 2:
                Type = (OnnxDataType)reader.Integer();
                return true;
            case 4:
                reader.Floats(Floats);
                return true;
            case 5 or 7 or 11:
                reader.Integers(Integers);
                return true;
            case 8:
                Name = reader.Text();
                return true;
            case 9:
                Raw = reader.Bytes();
                return true;
            case 10:
                reader.Doubles(Doubles);
                return true;
            case 13:
                ReadExternal(reader);
                return true;
            case 14:
                Location = reader.Integer();
                return true;
            default:
                return false;
        }
    }

    public void Write(MessageWriter writer)
    {
        writer.Integers(1, Shape);
        writer.Integer(2, (long)Type);
        writer.Text(8, Name);
        writer.Bytes(9, Raw!);
    }

    private void ReadExternal(MessageReader reader)
    {
        var (key, value) = ("", "");
        reader.Message((r, field) =>
        {
            switch (field)
            {
                case 1:
                    key = r.Text();
                    return true;
                case 2:
                    value = r.Text();
                    return true;
                default:
                    return false;
            }
        });
        External[key] = value;
    }
}
