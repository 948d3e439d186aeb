namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>Versions of operator sets by domain; the standard's domain is the empty one.</summary>
internal static class OpsetProto
{
    public static void Read(MessageReader reader, Dictionary<string, long> opsets)
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
        opsets[domain == "ai.onnx" ? "" : domain] = version;
    }

    public static void Write(MessageWriter writer, int field, Dictionary<string, long> opsets)
    {
        foreach (var (domain, version) in opsets)
        {
            writer.Message(field, opset =>
            {
                opset.Text(1, domain);
                opset.Integer(2, version);
            });
        }
    }
}
