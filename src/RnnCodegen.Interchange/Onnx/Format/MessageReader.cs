using System.Runtime.InteropServices;
using Google.Protobuf;

namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>
/// Reads protobuf messages field by field from bytes that may be hostile: a message ends where its declared length says and nowhere else,
/// and no length is believed before the bytes are there. Messages nest as deep as graphs within graphs do, up to a bound; what callers do
/// not know is skipped without being looked into.
/// </summary>
internal sealed class MessageReader
{
    /// <summary>A graph in an attribute of a node of a graph is three messages deeper.</summary>
    private const int MostNested = 100;

    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    private readonly string _file;
    private readonly CodedInputStream _input;
    private uint _tag;
    private int _depth;
    private long _end;

    private MessageReader(string file, byte[] bytes) => (_file, _input, _end) = (file, new CodedInputStream(bytes), bytes.Length);

    private int Wire => (int)(_tag & 7);

    /// <summary>Reads a file's outermost message.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="readField">Reads the field of the given number, or returns false to have it skipped.</param>
    /// <exception cref="InvalidDataException">The bytes are no such message.</exception>
    public static void Read(string file, byte[] bytes, Func<MessageReader, int, bool> readField)
    {
        var reader = new MessageReader(file, bytes);
        try
        {
            reader.ReadFields(readField);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw reader.Error(e.Message, e);
        }
    }

    /// <summary>Reads the field as a message.</summary>
    public void Message(Func<MessageReader, int, bool> readField)
    {
        var outer = _end;
        _end = EndOfField();
        if (++_depth > MostNested)
        {
            throw Error($"messages nest deeper than {MostNested}, which no graph does");
        }

        ReadFields(readField);
        _depth--;
        _end = outer;
    }

    public string Text()
    {
        Expect(Delimited);
        return _input.ReadString();
    }

    public byte[] Bytes()
    {
        Expect(Delimited);
        return _input.ReadBytes().ToByteArray();
    }

    public long Integer()
    {
        Expect(Varint);
        return _input.ReadInt64();
    }

    public float Float()
    {
        Expect(Fixed32);
        return _input.ReadFloat();
    }

    /// <summary>Adds one value of a repeated field, or all of a packed one.</summary>
    public void Integers(List<long> values)
    {
        if (Wire != Delimited)
        {
            values.Add(Integer());
            return;
        }

        for (var end = EndOfField(); _input.Position < end;)
        {
            values.Add(_input.ReadInt64());
        }
    }

    /// <inheritdoc cref="Integers"/>
    public void Floats(List<float> values)
    {
        if (Wire == Delimited)
        {
            values.AddRange(Packed<float>());
        }
        else
        {
            values.Add(Float());
        }
    }

    /// <inheritdoc cref="Integers"/>
    public void Doubles(List<double> values)
    {
        if (Wire == Delimited)
        {
            values.AddRange(Packed<double>());
        }
        else
        {
            Expect(Fixed64);
            values.Add(_input.ReadDouble());
        }
    }

    private void ReadFields(Func<MessageReader, int, bool> readField)
    {
        while (_input.Position < _end)
        {
            _tag = _input.ReadTag();
            if (!readField(this, (int)(_tag >> 3)))
            {
                _input.SkipLastField();
            }

            if (_input.Position > _end)
            {
                throw Error("a field is longer than the message that holds it");
            }
        }
    }

    private ReadOnlySpan<T> Packed<T>()
        where T : unmanaged
    {
        var bytes = _input.ReadBytes().Span;
        return bytes.Length % Marshal.SizeOf<T>() == 0
            ? MemoryMarshal.Cast<byte, T>(bytes)
            : throw Error($"a list of {bytes.Length} bytes is not one of {Marshal.SizeOf<T>()}-byte values");
    }

    private long EndOfField()
    {
        Expect(Delimited);
        var length = _input.ReadLength();
        var end = _input.Position + length;
        return length >= 0 && end <= _end
            ? end
            : throw Error($"a field declares {(uint)length} bytes, but only {_end - _input.Position} are left");
    }

    private void Expect(int wire)
    {
        if (Wire != wire)
        {
            throw Error($"field {_tag >> 3} has wire type {Wire} where the format has {wire}");
        }
    }

    private InvalidDataException Error(string why, Exception? cause = null) =>
        new($"'{_file}': the file is truncated or not an ONNX file: before byte {_input.Position}, {why.TrimEnd('.')}.", cause);
}
