using System.Buffers.Binary;
using System.Text.Json;

namespace RnnCodegen;

/// <summary>The JSON header of a safetensors file: what each tensor is and where its bytes are.</summary>
internal sealed class SafeTensorsHeader
{
    public const string MetadataKey = "__metadata__";

    /// <summary>The reference implementation's limit.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>Bytes before the header: its length.</summary>
    public const int PrefixLength = sizeof(ulong);

    private const int MaxRank = 64;
    private const int ShownLength = 100;

    private readonly string _file;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private bool _hasMetadata;

    private SafeTensorsHeader(string file) => _file = file;

    /// <summary>One tensor; the range is relative to the end of the header.</summary>
    public readonly record struct Entry(string Name, ElementType Type, IReadOnlyList<int> Shape, long Begin, long End);

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensors in the order of their bytes, which cover the data without gap or overlap.</summary>
    public Entry[] Entries { get; private set; } = [];

    /// <summary>The length of the header, which the first bytes of a file say.</summary>
    /// <param name="file">What messages call the file.</param>
    /// <param name="prefix">The first <see cref="PrefixLength"/> bytes, or all where the file has fewer.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <exception cref="InvalidDataException">It has no such header.</exception>
    public static int LengthOf(string file, ReadOnlySpan<byte> prefix, long fileLength)
    {
        if (fileLength < PrefixLength)
        {
            throw new InvalidDataException(
                $"'{file}': the file has {fileLength} bytes, too few for the 8-byte length that starts a safetensors file.");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        var rest = fileLength - PrefixLength;
        var most = (ulong)Math.Min(rest, MaxLength);
        if (length > most && BinaryPrimitives.ReverseEndianness(length) <= most)
        {
            throw new InvalidDataException(
                $"'{file}': the header claims {length} bytes, but {BinaryPrimitives.ReverseEndianness(length)} with its bytes swapped: " +
                "the file was written big-endian, and safetensors files are little-endian; or this is not a safetensors file.");
        }

        if (length > MaxLength)
        {
            throw new InvalidDataException(
                $"'{file}': the header claims {length} bytes, more than the format's {MaxLength}: this is not a safetensors file.");
        }

        return length <= (ulong)rest
            ? (int)length
            : throw new InvalidDataException(
                $"'{file}': the header claims {length} bytes, but only {rest} follow: the file is truncated.");
    }

    /// <summary>Parses and checks a header against the length of the data after it.</summary>
    /// <exception cref="InvalidDataException">Anything is not as the format says; the message names the file and the tensor.</exception>
    public static SafeTensorsHeader Parse(string file, ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafeTensorsHeader(file);
        try
        {
            header.Read(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader throws InvalidOperationException for text that is not valid UTF-8 or UTF-16.
            throw new InvalidDataException($"'{file}': the header is not valid JSON: {e.Message}", e);
        }

        header.CheckRanges(dataLength);
        return header;
    }

    public static string Describe(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>A name as messages show it: a file's names may be as long as its header.</summary>
    public static string Shown(string name) => name.Length <= ShownLength ? name : name[..ShownLength] + "...";

    private void Read(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw Bad("the header does not start with '{': this is not a safetensors file.");
        }

        var reader = new Utf8JsonReader(json);
        _ = reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var at = reader.TokenStartIndex;
            var name = reader.GetString()!;
            _ = reader.Read();
            if (name == MetadataKey)
            {
                ReadMetadata(ref reader);
            }
            else if (!_entries.TryAdd(name, ReadEntry(ref reader, name)))
            {
                throw BadAt(at, $"tensor '{Shown(name)}' occurs twice");
            }
        }

        // Anything after the object but white space makes this throw.
        _ = reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw BadAt(reader.TokenStartIndex, $"{MetadataKey} must be an object of strings");
        }

        if (_hasMetadata)
        {
            throw BadAt(reader.TokenStartIndex, $"{MetadataKey} occurs twice");
        }

        _hasMetadata = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            _ = reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw BadAt(reader.TokenStartIndex, $"{MetadataKey} entry '{Shown(key)}' must be a string");
            }

            if (!_metadata.TryAdd(key, reader.GetString()!))
            {
                throw BadAt(reader.TokenStartIndex, $"{MetadataKey} entry '{Shown(key)}' occurs twice");
            }
        }
    }

    private Entry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        var at = reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw BadAt(at, $"tensor '{Shown(name)}' must be an object with dtype, shape and data_offsets");
        }

        ElementType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isDataType = reader.ValueTextEquals("dtype"u8);
            var isShape = reader.ValueTextEquals("shape"u8);
            var isOffsets = reader.ValueTextEquals("data_offsets"u8);
            if ((isDataType && type is not null) || (isShape && shape is not null) || (isOffsets && offsets is not null))
            {
                throw BadAt(reader.TokenStartIndex, $"tensor '{Shown(name)}' says {reader.GetString()} twice");
            }

            _ = reader.Read();
            if (isDataType)
            {
                type = ReadType(ref reader, name);
            }
            else if (isShape)
            {
                shape = ReadNumbers(ref reader, name, "shape", int.MaxValue, MaxRank);
            }
            else if (isOffsets)
            {
                offsets = ReadNumbers(ref reader, name, "data_offsets", long.MaxValue, 2);
            }
            else
            {
                reader.Skip();
            }
        }

        if (type is null || shape is null || offsets is not [var begin, var end])
        {
            throw BadAt(at, $"tensor '{Shown(name)}' must have dtype, shape and two data_offsets");
        }

        // Zero sizes make a product that overflows on the way meaningful, so they are looked for first.
        Int128 length = shape.Contains(0) ? 0 : type.Size;
        foreach (var size in shape)
        {
            length = length > long.MaxValue ? length : length * size;
        }

        var sizes = Array.ConvertAll(shape, n => (int)n);
        if (begin > end || end - begin != length)
        {
            throw BadAt(
                at, $"tensor '{Shown(name)}' {Describe(sizes)} of {type.Name} takes {length} bytes, but its data_offsets are [{begin}, {end}]");
        }

        return new Entry(name, type, Array.AsReadOnly(sizes), begin, end);
    }

    private ElementType ReadType(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw BadAt(reader.TokenStartIndex, $"tensor '{Shown(name)}': dtype must be a string");
        }

        var text = reader.GetString()!;
        return ElementType.Find(text) ?? throw BadAt(
            reader.TokenStartIndex,
            $"tensor '{Shown(name)}' has the unknown dtype '{Shown(text)}'; known are {ElementType.Names}");
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string name, string field, long max, int maxCount)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw BadAt(reader.TokenStartIndex, $"tensor '{Shown(name)}': {field} must be an array");
        }

        Span<long> numbers = stackalloc long[MaxRank];
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0 || number > max)
            {
                throw BadAt(reader.TokenStartIndex, $"tensor '{Shown(name)}': {field} must hold whole numbers from 0 to {max}");
            }

            if (count == maxCount)
            {
                throw BadAt(reader.TokenStartIndex, $"tensor '{Shown(name)}': {field} has more than {maxCount} numbers");
            }

            numbers[count++] = number;
        }

        return numbers[..count].ToArray();
    }

    private void CheckRanges(long dataLength)
    {
        Entries = [.. _entries.Values.OrderBy(e => e.Begin).ThenBy(e => e.End)];
        var (end, before) = (0L, "the header");
        foreach (var entry in Entries)
        {
            if (entry.End > dataLength)
            {
                throw Bad(
                    $"tensor '{Shown(entry.Name)}' ends at byte {entry.End} of the data, but the file holds {dataLength} bytes of it: " +
                    "it is truncated or corrupt.");
            }

            if (entry.Begin != end)
            {
                throw Bad(
                    $"tensor '{Shown(entry.Name)}' starts at byte {entry.Begin} of the data, but {before} ends at {end}: " +
                    "tensors must not overlap or leave gaps.");
            }

            (end, before) = (entry.End, $"tensor '{Shown(entry.Name)}'");
        }

        if (end != dataLength)
        {
            throw Bad($"{dataLength - end} bytes after {before} belong to no tensor.");
        }
    }

    private InvalidDataException BadAt(long index, string what) => Bad($"{what} (byte {PrefixLength + index} of the file).");

    private InvalidDataException Bad(string what) => new($"'{_file}': {what}");
}
