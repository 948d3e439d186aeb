namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>A value that enters or leaves a graph: name, element type and, where the file says it, shape.</summary>
internal sealed class ValueInfoProto
{
    public string Name { get; set; } = "";

    public OnnxDataType Type { get; set; }

    /// <summary>Sizes: a number, or a name, or neither where the size is unknown; null where even the rank is.</summary>
    public List<Dimension>? Shape { get; set; }

    public bool ReadField(MessageReader reader, int field)
    {
        switch (field)
        {
            case 1:
                Name = reader.Text();
                return true;
            case 2:
                // TypeProto: only tensors have a place.
                reader.Message((type, kind) =>
                {
                    if (kind == 1)
                    {
                        type.Message(ReadTensorType);
                    }

                    return kind == 1;
                });
                return true;
            default:
                return false;
        }
    }

    public void Write(MessageWriter writer)
    {
        writer.Text(1, Name);
        writer.Message(2, type => type.Message(1, tensor =>
        {
            tensor.Integer(1, (long)Type);
            if (Shape is not { } sizes)
            {
                return;
            }

            tensor.Message(2, shape =>
            {
                foreach (var size in sizes)
                {
                    shape.Message(1, size.Write);
                }
            });
        }));
    }

    private bool ReadTensorType(MessageReader reader, int field)
    {
        switch (field)
        {
            case 1:
                Type = (OnnxDataType)reader.Integer();
                return true;
            case 2:
                Shape = [];
                reader.Message((shape, number) =>
                {
                    if (number == 1)
                    {
                        var size = new Dimension();
                        shape.Message(size.ReadField);
                        Shape.Add(size);
                    }

                    return number == 1;
                });
                return true;
            default:
                return false;
        }
    }
}

/// <summary>One size of a shape.</summary>
internal sealed class Dimension
{
    public long? Value { get; set; }

    public string? Symbol { get; set; }

    public bool ReadField(MessageReader reader, int field)
    {
        switch (field)
        {
            case 1:
                Value = reader.Integer();
                return true;
            case 2:
                Symbol = reader.Text();
                return true;
            default:
                return false;
        }
    }

    public void Write(MessageWriter writer)
    {
        if (Value is { } value)
        {
            writer.Integer(1, value);
        }
        else
        {
            writer.Text(2, Symbol!);
        }
    }
}
