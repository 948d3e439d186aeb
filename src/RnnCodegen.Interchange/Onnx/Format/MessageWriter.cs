using System.Runtime.InteropServices;
using Google.Protobuf;

namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>
/// Writes a protobuf message field by field. A value that is the format's default is written too: a reader cannot tell the difference.
/// </summary>
internal sealed class MessageWriter
{
    private readonly MemoryStream _bytes = new();
    private readonly CodedOutputStream _output;

    private MessageWriter() => _output = new CodedOutputStream(_bytes, leaveOpen: true);

    /// <summary>The bytes of a message.</summary>
    public static byte[] Write(Action<MessageWriter> write)
    {
        var writer = new MessageWriter();
        write(writer);
        writer._output.Flush();
        return writer._bytes.ToArray();
    }

    public void Message(int field, Action<MessageWriter> write) => Bytes(field, Write(write));

    public void Text(int field, string text)
    {
        _output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _output.WriteString(text);
    }

    public void Bytes(int field, byte[] bytes)
    {
        _output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _output.WriteBytes(UnsafeByteOperations.UnsafeWrap(bytes));
    }

    public void Integer(int field, long value)
    {
        _output.WriteTag(field, WireFormat.WireType.Varint);
        _output.WriteInt64(value);
    }

    public void Float(int field, float value)
    {
        _output.WriteTag(field, WireFormat.WireType.Fixed32);
        _output.WriteFloat(value);
    }

    public void Integers(int field, IEnumerable<long> values)
    {
        foreach (var value in values)
        {
            Integer(field, value);
        }
    }

    public void Floats(int field, IEnumerable<float> values)
    {
        foreach (var value in values)
        {
            Float(field, value);
        }
    }

    public void Texts(int field, IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            Text(field, value);
        }
    }

    /// <summary>Values as the format's raw data, little-endian.</summary>
    public static byte[] Raw<T>(ReadOnlySpan<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes(values).ToArray();
}
