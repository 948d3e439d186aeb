namespace RnnCodegen;

/// <summary>
/// The header of a safetensors file: what each tensor is and where its bytes are. The build's task compiles this file too, so that a build
/// and the program it makes take the same files.
/// </summary>
internal sealed class SafeTensorsHeader
{
    public const string MetadataKey = "__metadata__";

    /// <summary>The reference implementation's limit.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>Bytes before the header: its length, little-endian.</summary>
    public const int PrefixLength = sizeof(ulong);

    /// <summary>Bytes of a tensor: what a .NET array may hold.</summary>
    public const int MaxTensorLength = 0x7FFF_FFC7;

    private const int MaxRank = 64;
    private const int ShownLength = 100;

    private readonly string _start;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly List<long> _numbers = [];
    private readonly HeaderJson _json;

    private bool _hasMetadata;

    private SafeTensorsHeader(string start, byte[] json)
    {
        _start = start;
        if (json.Length == 0 || json[0] != '{')
        {
            throw Bad("the header does not start with '{': this is not a safetensors file.");
        }

        _json = new HeaderJson(json, BadAt);
    }

    /// <summary>One tensor; the range is relative to the end of the header.</summary>
    public readonly record struct Entry(string Name, string DataType, IReadOnlyList<int> Shape, long Begin, long End);

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Bytes after the header.</summary>
    public long DataLength { get; private init; }

    /// <summary>The tensors in the order of their bytes, which cover the data without gap or overlap.</summary>
    public Entry[] Entries { get; private set; } = [];

    /// <summary>Checks the length of the header, which the first bytes of a file say.</summary>
    /// <param name="start">What messages start with: the file, where they do not stand beside it.</param>
    /// <param name="claimed">The first <see cref="PrefixLength"/> bytes; of no meaning where the file has fewer.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <exception cref="InvalidDataException">It has no such header.</exception>
    public static int CheckLength(string start, ulong claimed, long fileLength)
    {
        if (fileLength < PrefixLength)
        {
            throw new InvalidDataException(
                $"{start}the file has {fileLength} bytes, too few for the 8-byte length that starts a safetensors file.");
        }

        var rest = fileLength - PrefixLength;
        var most = (ulong)Math.Min(rest, MaxLength);
        if (claimed > most && ReverseBytes(claimed) <= most)
        {
            throw new InvalidDataException(
                $"{start}the header claims {claimed} bytes, but {ReverseBytes(claimed)} with its bytes swapped: " +
                "the file was written big-endian, and safetensors files are little-endian; or this is not a safetensors file.");
        }

        if (claimed > MaxLength)
        {
            throw new InvalidDataException(
                $"{start}the header claims {claimed} bytes, more than the format's {MaxLength}: this is not a safetensors file.");
        }

        return claimed <= (ulong)rest
            ? (int)claimed
            : throw new InvalidDataException(
                $"{start}the header claims {claimed} bytes, but only {rest} follow: the file is truncated.");
    }

    /// <summary>Parses and checks a header against the length of the data after it.</summary>
    /// <param name="start">What messages start with.</param>
    /// <param name="json">The header.</param>
    /// <param name="dataLength">Bytes after it.</param>
    /// <exception cref="InvalidDataException">Anything is not as the format says; the message names the tensor.</exception>
    public static SafeTensorsHeader Parse(string start, byte[] json, long dataLength)
    {
        var header = new SafeTensorsHeader(start, json) { DataLength = dataLength };
        header.Read();
        header.CheckRanges();
        return header;
    }

    public static string Describe(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>A name as messages show it: a file's names may be as long as its header.</summary>
    public static string Shown(string name) => name.Length <= ShownLength ? name : name.Substring(0, ShownLength) + "...";

    private static ulong ReverseBytes(ulong value)
    {
        ulong reversed = 0;
        for (var i = 0; i < sizeof(ulong); i++)
        {
            reversed = (reversed << 8) | ((value >> (8 * i)) & 0xFF);
        }

        return reversed;
    }

    private void Read()
    {
        _json.Expect('{');
        for (var isFirst = true; _json.HasMore('}', ref isFirst);)
        {
            var at = _json.Index;
            var name = _json.Name();
            if (name == MetadataKey)
            {
                ReadMetadata();
            }
            else if (_entries.ContainsKey(name))
            {
                throw BadAt(at, $"tensor '{Shown(name)}' occurs twice");
            }
            else
            {
                _entries.Add(name, ReadEntry(name));
            }
        }

        _json.End();
    }

    private void ReadMetadata()
    {
        var at = _json.Index;
        if (_hasMetadata)
        {
            throw BadAt(at, $"{MetadataKey} occurs twice");
        }

        _hasMetadata = true;
        if (_json.Next == 'n')
        {
            // Null, which the reference implementation takes for none.
            _json.Skip();
            return;
        }

        if (_json.Next != '{')
        {
            throw BadAt(at, $"{MetadataKey} must be an object of strings");
        }

        _json.Expect('{');
        for (var isFirst = true; _json.HasMore('}', ref isFirst);)
        {
            var key = _json.Name();
            at = _json.Index;
            if (_json.Next != '"')
            {
                throw BadAt(at, $"{MetadataKey} entry '{Shown(key)}' must be a string");
            }

            if (_metadata.ContainsKey(key))
            {
                throw BadAt(at, $"{MetadataKey} entry '{Shown(key)}' occurs twice");
            }

            _metadata.Add(key, _json.String());
        }
    }

    private Entry ReadEntry(string name)
    {
        var at = _json.Index;
        if (_json.Next != '{')
        {
            throw BadAt(at, $"tensor '{Shown(name)}' must be an object with dtype, shape and data_offsets");
        }

        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        _json.Expect('{');
        for (var isFirst = true; _json.HasMore('}', ref isFirst);)
        {
            var fieldAt = _json.Index;
            var field = _json.Name();
            if (field switch
            {
                "dtype" => type is not null,
                "shape" => shape is not null,
                "data_offsets" => offsets is not null,
                _ => false
            })
            {
                throw BadAt(fieldAt, $"tensor '{Shown(name)}' says {field} twice");
            }

            switch (field)
            {
                case "dtype":
                    type = ReadType(name);
                    break;
                case "shape":
                    shape = ReadNumbers(name, field, int.MaxValue, MaxRank);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(name, field, long.MaxValue, 2);
                    break;
                default:
                    _json.Skip();
                    break;
            }
        }

        if (type is null || shape is null || offsets is not { Length: 2 })
        {
            throw BadAt(at, $"tensor '{Shown(name)}' must have dtype, shape and two data_offsets");
        }

        // Zero sizes make a product that overflows on the way meaningful, so they are looked for first.
        var length = shape.Contains(0) ? 0 : (decimal)SafeTensorsTypes.SizeOf(type);
        foreach (var size in shape)
        {
            length = length > long.MaxValue ? length : length * size;
        }

        var sizes = Array.ConvertAll(shape, n => (int)n);
        var (begin, end) = (offsets[0], offsets[1]);
        if (begin > end || end - begin != length)
        {
            throw BadAt(
                at, $"tensor '{Shown(name)}' {Describe(sizes)} of {type} takes {length} bytes, but its data_offsets are [{begin}, {end}]");
        }

        return new Entry(name, type, Array.AsReadOnly(sizes), begin, end);
    }

    private string ReadType(string name)
    {
        var at = _json.Index;
        if (_json.Next != '"')
        {
            throw BadAt(at, $"tensor '{Shown(name)}': dtype must be a string");
        }

        var type = _json.String();
        if (type is "F4" or "F6_E2M3" or "F6_E3M2")
        {
            throw BadAt(at,
                $"tensor '{Shown(name)}' has the dtype '{type}', whose elements share bytes, and is not read; known " +
                $"are {SafeTensorsTypes.Names}");
        }

        return SafeTensorsTypes.SizeOf(type) > 0
            ? type
            : throw BadAt(at, $"tensor '{Shown(name)}' has the unknown dtype '{Shown(type)}'; known are {SafeTensorsTypes.Names}");
    }

    private long[] ReadNumbers(string name, string field, long max, int maxCount)
    {
        if (_json.Next != '[')
        {
            throw BadAt(_json.Index, $"tensor '{Shown(name)}': {field} must be an array");
        }

        _numbers.Clear();
        _json.Expect('[');
        for (var isFirst = true; _json.HasMore(']', ref isFirst);)
        {
            var at = _json.Index;
            if (!_json.IsNumber || !_json.TryWholeNumber(max, out var number))
            {
                throw BadAt(at, $"tensor '{Shown(name)}': {field} must hold whole numbers from 0 to {max}, written as digits alone");
            }

            if (_numbers.Count == maxCount)
            {
                throw BadAt(at, $"tensor '{Shown(name)}': {field} has more than {maxCount} numbers");
            }

            _numbers.Add(number);
        }

        return [.. _numbers];
    }

    private void CheckRanges()
    {
        Entries = [.. _entries.Values.OrderBy(e => e.Begin).ThenBy(e => e.End)];
        var (end, before) = (0L, "the header");
        foreach (var entry in Entries)
        {
            if (entry.End > DataLength)
            {
                throw Bad(
                    $"tensor '{Shown(entry.Name)}' ends at byte {entry.End} of the data, but the file holds {DataLength} bytes of it: " +
                    "it is truncated or corrupt.");
            }

            if (entry.Begin != end)
            {
                throw Bad(
                    $"tensor '{Shown(entry.Name)}' starts at byte {entry.Begin} of the data, but {before} ends at {end}: " +
                    "tensors must not overlap or leave gaps.");
            }

            if (entry.End - entry.Begin > MaxTensorLength)
            {
                throw Bad(
                    $"tensor '{Shown(entry.Name)}' has {entry.End - entry.Begin} bytes; at most {MaxTensorLength} a tensor can be read.");
            }

            (end, before) = (entry.End, $"tensor '{Shown(entry.Name)}'");
        }

        if (end != DataLength)
        {
            throw Bad($"{DataLength - end} bytes after {before} belong to no tensor.");
        }
    }

    private InvalidDataException BadAt(int index, string what) => Bad($"{what} (byte {PrefixLength + (long)index} of the file).");

    private InvalidDataException Bad(string what) => new(_start + what);
}
