using System.Text;

namespace RnnCodegen.Build;

/// <summary>Reads and checks the header of a safetensors file, and nothing of its values.</summary>
internal sealed class HeaderReader
{
    // The format's own limit.
    private const long MaxLength = 100_000_000;
    private const int PrefixLength = 8;

    private static readonly Dictionary<string, int> s_elementSizes = new(StringComparer.Ordinal)
    {
        ["F64"] = 8, ["I64"] = 8, ["U64"] = 8, ["F32"] = 4, ["I32"] = 4, ["U32"] = 4, ["F16"] = 2, ["BF16"] = 2, ["I16"] = 2, ["U16"] = 2,
        ["I8"] = 1, ["U8"] = 1, ["BOOL"] = 1, ["F8_E4M3"] = 1, ["F8_E5M2"] = 1, ["F8_E8M0"] = 1, ["C64"] = 8,
    };

    private readonly JsonText _json;
    private readonly long _dataLength;

    private HeaderReader(JsonText json, long dataLength) => (_json, _dataLength) = (json, dataLength);

    /// <summary>The tensors of a file in the order of their bytes.</summary>
    /// <exception cref="ModelFileException">The file cannot be read, or is not what the format says; the message names the tensor.</exception>
    public static IReadOnlyList<FileTensor> Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return Read(stream);
        }
        catch (FormatException e)
        {
            throw new ModelFileException(ModelFileException.Malformed, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            var reason = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message;
            throw new ModelFileException(ModelFileException.Unreadable, reason);
        }
    }

    private static IReadOnlyList<FileTensor> Read(FileStream stream)
    {
        var prefix = ReadExactly(stream, PrefixLength);
        ulong length = 0;
        for (var i = PrefixLength - 1; i >= 0; i--)
        {
            length = (length << 8) | prefix[i];
        }

        if (length > MaxLength)
        {
            throw new FormatException($"its header claims {length} bytes, more than the format's {MaxLength}: this is not a safetensors file");
        }

        var bytes = ReadExactly(stream, (int)length);
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (ArgumentException e)
        {
            throw new FormatException("its header is not UTF-8", e);
        }

        return new HeaderReader(new JsonText(text), stream.Length - PrefixLength - bytes.Length).Tensors();
    }

    private static byte[] ReadExactly(FileStream stream, int count)
    {
        var left = stream.Length - stream.Position;
        if (left < count)
        {
            throw new FormatException($"it has {stream.Length} bytes, which end within its header: it is truncated, or not a safetensors file");
        }

        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = stream.Read(bytes, done, count - done);
            done += read > 0 ? read : throw new EndOfStreamException("the file became shorter while it was read");
        }

        return bytes;
    }

    private IReadOnlyList<FileTensor> Tensors()
    {
        var ranges = new List<(FileTensor Tensor, long Begin, long End)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in _json.Members())
        {
            if (!names.Add(name))
            {
                throw new FormatException($"tensor '{name}' occurs twice");
            }

            if (name == "__metadata__")
            {
                _json.Skip();
            }
            else
            {
                ranges.Add(Tensor(name));
            }
        }

        _json.End();
        ranges.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long end = 0;
        foreach (var (tensor, begin, next) in ranges)
        {
            if (begin != end)
            {
                throw new FormatException($"tensor '{tensor.Name}' starts at byte {begin}, but what is before it ends at {end}");
            }

            end = next;
        }

        return end == _dataLength
            ? [.. ranges.Select(r => r.Tensor)]
            : throw new FormatException($"its tensors take {end} bytes, but it holds {_dataLength}: it is truncated or corrupt");
    }

    private (FileTensor Tensor, long Begin, long End) Tensor(string name)
    {
        string? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        foreach (var field in _json.Members())
        {
            switch (field)
            {
                case "dtype":
                    type = _json.String();
                    break;
                case "shape":
                    shape = _json.Numbers();
                    break;
                case "data_offsets":
                    offsets = _json.Numbers();
                    break;
                default:
                    _json.Skip();
                    break;
            }
        }

        if (type is null || shape is null || offsets is not { Count: 2 })
        {
            throw new FormatException($"tensor '{name}' must have dtype, shape and two data_offsets");
        }

        if (!s_elementSizes.TryGetValue(type, out var size))
        {
            throw new FormatException($"tensor '{name}' has the unknown dtype '{type}'");
        }

        // A size is at most 2^31 - 1, and a product over the file's length grows no more, so that none overflows.
        var length = shape.Contains(0) ? 0 : (decimal)size;
        foreach (var n in shape)
        {
            length = n > int.MaxValue ? decimal.MaxValue : length > _dataLength ? length : length * n;
        }

        if (offsets[1] < offsets[0] || length != offsets[1] - offsets[0])
        {
            throw new FormatException(
                $"tensor '{name}' [{string.Join(", ", shape)}] of {type} does not fit its data_offsets [{offsets[0]}, {offsets[1]}]");
        }

        return (new FileTensor(name, type, shape), offsets[0], offsets[1]);
    }
}
