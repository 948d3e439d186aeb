using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>
/// Reads one array in NumPy's format: a magic text, a version, the length of a header, and the header, a Python dictionary with the keys
/// descr (the type), fortran_order and shape, as text; then the values.
/// </summary>
internal sealed class NpyReader(string file, string name, byte[] bytes)
{
    private const int MaxRank = 64;

    private static readonly Dictionary<string, (string DataType, int Size)> Types = new(StringComparer.Ordinal)
    {
        ["<f4"] = ("F32", 4), ["<f8"] = ("F64", 8), ["<f2"] = ("F16", 2), ["<i8"] = ("I64", 8), ["<i4"] = ("I32", 4), ["<i2"] = ("I16", 2),
        ["|i1"] = ("I8", 1),
        ["<u8"] = ("U64", 8), ["<u4"] = ("U32", 4), ["<u2"] = ("U16", 2), ["|u1"] = ("U8", 1), ["|b1"] = ("BOOL", 1),
    };

    private string _header = "";
    private int _position;

    /// <summary>The array as a tensor.</summary>
    public SafeTensor Read()
    {
        var data = ReadHeader();
        string? type = null;
        bool? isFortran = null;
        int[]? shape = null;
        Require('{');
        while (!Accept('}'))
        {
            var key = Quoted();
            Require(':');
            switch (key)
            {
                case "descr" when type is null:
                    type = Quoted();
                    break;
                case "fortran_order" when isFortran is null:
                    isFortran = Word() switch
                    {
                        "True" => true,
                        "False" => false,
                        _ => throw Bad("its fortran_order is neither True nor False")
                    };
                    break;
                case "shape" when shape is null:
                    shape = Sizes();
                    break;
                default:
                    throw Bad($"its header has the key '{key}' twice, or should not have it");
            }

            if (!Accept(','))
            {
                Require('}');
                break;
            }
        }

        if (type is null || isFortran is null || shape is null || _header[_position..].Trim().Length > 0)
        {
            throw Bad("its header is not one dictionary of descr, fortran_order and shape");
        }

        if (!Types.TryGetValue(type, out var found))
        {
            throw Bad($"its type '{type}' is not read; known are {string.Join(", ", Types.Keys)}, little-endian");
        }

        return Tensor(data, found.DataType, found.Size, isFortran.Value, shape);
    }

    private SafeTensor Tensor(ReadOnlyMemory<byte> data, string dataType, int size, bool isFortran, int[] shape)
    {
        var length = shape.Contains(0) ? 0 : (Int128)size;
        foreach (var n in shape)
        {
            length = Int128.Min(length, long.MaxValue) * n;
        }

        if (length != data.Length)
        {
            throw Bad($"[{string.Join(", ", shape)}] of {dataType} takes {length} bytes, but {data.Length} are there");
        }

        return SafeTensor.OfBytes(name, dataType, shape, isFortran && shape.Length > 1 ? ToRows(data.Span, size, shape) : data);
    }

    /// <summary>Column-major values, the first index fastest, row after row.</summary>
    private static byte[] ToRows(ReadOnlySpan<byte> source, int size, int[] shape)
    {
        var rows = new byte[source.Length];
        var index = new int[shape.Length];
        for (var from = 0; from < source.Length; from += size)
        {
            var to = 0;
            for (var axis = 0; axis < shape.Length; axis++)
            {
                to = (to * shape[axis]) + index[axis];
            }

            source.Slice(from, size).CopyTo(rows.AsSpan(to * size));
            for (var axis = 0; axis < shape.Length && ++index[axis] == shape[axis]; axis++)
            {
                index[axis] = 0;
            }
        }

        return rows;
    }

    private ReadOnlyMemory<byte> ReadHeader()
    {
        if (bytes.Length == 0 || bytes[0] != 0x93 || !bytes.AsSpan(1).StartsWith("NUMPY"u8))
        {
            throw Bad("it is no array in NumPy's format");
        }

        // Version 1 has a length of 16 bits, later ones of 32.
        var start = bytes.Length > 6 && bytes[6] == 1 ? 10 : 12;
        if (bytes.Length < start || bytes[6] is not (1 or 2 or 3))
        {
            throw Bad("its version is none of 1, 2 and 3, or it is truncated");
        }

        var length = start == 10
            ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8))
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8));
        if (length > bytes.Length - start)
        {
            throw Bad($"its header claims {length} bytes, more than follow");
        }

        _header = Encoding.Latin1.GetString(bytes, start, (int)length);
        return bytes.AsMemory(start + (int)length);
    }

    private int[] Sizes()
    {
        var sizes = new List<int>();
        Require('(');
        while (!Accept(')'))
        {
            if (sizes.Count == MaxRank || !int.TryParse(Word(), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                throw Bad($"its shape has more than {MaxRank} sizes, or one that is no whole number");
            }

            sizes.Add(size);
            if (!Accept(','))
            {
                Require(')');
                break;
            }
        }

        return [.. sizes];
    }

    private string Quoted()
    {
        Skip();
        var quote = _position < _header.Length ? _header[_position] : '\0';
        var end = quote is '\'' or '"' ? _header.IndexOf(quote, _position + 1) : -1;
        if (end < 0)
        {
            throw Bad("its header lacks a text where one should be; types of several fields are not read");
        }

        var text = _header[(_position + 1)..end];
        _position = end + 1;
        return text;
    }

    private string Word()
    {
        Skip();
        var start = _position;
        while (_position < _header.Length && char.IsAsciiLetterOrDigit(_header[_position]))
        {
            _position++;
        }

        return _header[start.._position];
    }

    private bool Accept(char c)
    {
        Skip();
        var isThere = _position < _header.Length && _header[_position] == c;
        _position += isThere ? 1 : 0;
        return isThere;
    }

    private void Require(char c)
    {
        if (!Accept(c))
        {
            throw Bad($"its header lacks a '{c}'");
        }
    }

    private void Skip()
    {
        while (_position < _header.Length && char.IsWhiteSpace(_header[_position]))
        {
            _position++;
        }
    }

    private InvalidDataException Bad(string what) => new($"'{file}': array '{name}' cannot be read: {what}.");
}
