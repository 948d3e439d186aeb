using System.Buffers;
using System.Text.Json;

namespace RnnCodegen;

/// <summary>The JSON header of a safetensors file: what each tensor is and where its bytes are.</summary>
internal sealed class SafeTensorsHeader
{
    public const string MetadataKey = "__metadata__";
    public const string Float32 = "F32";

    /// <summary>The reference implementation's limit.</summary>
    public const int MaxLength = 100_000_000;

    private static readonly Dictionary<string, int> ElementSizes = new(StringComparer.Ordinal)
    {
        ["F64"] = 8, ["I64"] = 8, ["U64"] = 8, [Float32] = 4, ["I32"] = 4, ["U32"] = 4, ["F16"] = 2, ["BF16"] = 2, ["I16"] = 2, ["U16"] = 2,
        ["I8"] = 1, ["U8"] = 1, ["BOOL"] = 1, ["F8_E4M3"] = 1, ["F8_E5M2"] = 1,
    };

    private readonly string _file;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafeTensorsHeader(string file) => _file = file;

    /// <summary>One tensor; the range is relative to the end of the header.</summary>
    public readonly record struct Entry(string Name, string DataType, IReadOnlyList<int> Shape, long Begin, long End);

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensors in the order of their bytes, which cover the data without gap or overlap.</summary>
    public Entry[] Entries { get; private set; } = [];

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

    /// <summary>The header's bytes for tensors stored one after the other, padded with spaces to a multiple of 8.</summary>
    public static byte[] Write(IReadOnlyList<SafeTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        if (metadata is { Count: > 0 })
        {
            writer.WriteStartObject(MetadataKey);
            foreach (var (key, value) in metadata)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        }

        long begin = 0;
        foreach (var tensor in tensors)
        {
            writer.WriteStartObject(tensor.Name);
            writer.WriteString("dtype", tensor.DataType);
            writer.WriteStartArray("shape");
            foreach (var size in tensor.Shape)
            {
                writer.WriteNumberValue(size);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("data_offsets");
            writer.WriteNumberValue(begin);
            writer.WriteNumberValue(begin += tensor.Bytes.Length);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.Flush();
        var padding = -buffer.WrittenCount & 7;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenSpan.ToArray();
    }

    public static string Describe(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";

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
            var name = reader.GetString()!;
            _ = reader.Read();
            if (name == MetadataKey)
            {
                ReadMetadata(ref reader);
            }
            else if (!_entries.TryAdd(name, ReadEntry(ref reader, name)))
            {
                throw Bad($"tensor '{name}' occurs twice.");
            }
        }

        // Anything after the object but white space makes this throw.
        _ = reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Bad($"{MetadataKey} must be an object of strings.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            _ = reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Bad($"{MetadataKey} entry '{key}' must be a string.");
            }

            if (!_metadata.TryAdd(key, reader.GetString()!))
            {
                throw Bad($"{MetadataKey} entry '{key}' occurs twice.");
            }
        }
    }

    private Entry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Bad($"tensor '{name}' must be an object with dtype, shape and data_offsets.");
        }

        string? dataType = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            _ = reader.Read();
            switch (field)
            {
                case "dtype":
                    dataType = reader.TokenType == JsonTokenType.String
                        ? reader.GetString()
                        : throw Bad($"tensor '{name}': dtype must be a string.");
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, name, "shape", int.MaxValue);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(ref reader, name, "data_offsets", long.MaxValue);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (dataType is null || shape is null || offsets is not [var begin, var end])
        {
            throw Bad($"tensor '{name}' must have dtype, shape and two data_offsets.");
        }

        if (!ElementSizes.TryGetValue(dataType, out var elementSize))
        {
            throw Bad($"tensor '{name}' has the unknown dtype '{dataType}'; known are {string.Join(", ", ElementSizes.Keys)}.");
        }

        // Zero sizes make a product that overflows on the way meaningful, so they are looked for first.
        Int128 length = shape.Contains(0) ? 0 : elementSize;
        foreach (var size in shape)
        {
            length = length > long.MaxValue ? length : length * size;
        }

        int[] sizes = [.. shape.Select(n => (int)n)];
        if (begin > end || end - begin != length)
        {
            throw Bad($"tensor '{name}' {Describe(sizes)} of {dataType} takes {length} bytes, but its data_offsets are [{begin}, {end}].");
        }

        return new Entry(name, dataType, Array.AsReadOnly(sizes), begin, end);
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name, string field, long max)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Bad($"tensor '{name}': {field} must be an array.");
        }

        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0 || number > max)
            {
                throw Bad($"tensor '{name}': {field} must hold whole numbers from 0 to {max}.");
            }

            numbers.Add(number);
        }

        return numbers;
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
                    $"tensor '{entry.Name}' ends at byte {entry.End}, but the file holds {dataLength} bytes of data: " +
                    "it is truncated or corrupt.");
            }

            if (entry.Begin != end)
            {
                throw Bad(
                    $"tensor '{entry.Name}' starts at byte {entry.Begin} but {before} ends at {end}: " +
                    "tensors must not overlap or leave gaps.");
            }

            (end, before) = (entry.End, $"tensor '{entry.Name}'");
        }

        if (end != dataLength)
        {
            throw Bad($"{dataLength - end} bytes after {before} belong to no tensor.");
        }
    }

    private InvalidDataException Bad(string what) => new($"'{_file}': {what}");
}
