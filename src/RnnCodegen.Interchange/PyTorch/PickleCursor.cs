using System.Buffers.Binary;
using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>A place in a pickle: what stands there in bytes, with errors that name it.</summary>
internal sealed class PickleCursor(string file, byte[] pickle)
{
    private static readonly UTF8Encoding Texts = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _position;

    /// <summary>Whether nothing is left.</summary>
    public bool IsAtEnd => _position == pickle.Length;

    /// <summary>A whole number of as many bytes as the first says; of more than 8, an object that is not made.</summary>
    public object WholeNumber()
    {
        var bytes = Bytes(Byte());
        if (bytes.Length > sizeof(long))
        {
            return new PickleForeign($"a whole number of {bytes.Length} bytes");
        }

        Span<byte> wide = stackalloc byte[sizeof(long)];
        wide.Fill((byte)(bytes.Length > 0 && bytes[^1] >= 0x80 ? 0xFF : 0));
        bytes.CopyTo(wide);
        return BinaryPrimitives.ReadInt64LittleEndian(wide);
    }

    /// <summary>Bytes as a text.</summary>
    public string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Texts.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException(Bad("has a text that is not valid UTF-8").Message, e);
        }
    }

    /// <summary>The bytes up to the end of a line.</summary>
    public ReadOnlySpan<byte> Line()
    {
        var rest = pickle.AsSpan(_position);
        var length = rest.IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Bad("ends within a name");
        }

        _position += length + 1;
        return rest[..length];
    }

    /// <summary>The next byte.</summary>
    public byte Byte() => Bytes(1)[0];

    /// <summary>The next bytes.</summary>
    public ReadOnlySpan<byte> Bytes(uint count)
    {
        if (count > pickle.Length - _position)
        {
            throw Bad("is truncated");
        }

        _position += (int)count;
        return pickle.AsSpan(_position - (int)count, (int)count);
    }

    /// <summary>The error of something at this place.</summary>
    public InvalidDataException Bad(string what) => new($"'{file}': the pickle {what} (at its byte {_position}).");
}
