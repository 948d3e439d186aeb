namespace RnnCodegen.Interchange;

/// <summary>
/// An HDF5 file from a stranger, read from memory. Sizes are checked before anything of that size is made, and values that are not in the
/// file itself are refused; every error is an <see cref="InvalidDataException"/> that names the file and the place. A file that was cut off
/// is read as far as it is there.
/// </summary>
internal sealed class Hdf5File
{
    /// <summary>Links by path are followed so many times on the way to an object.</summary>
    private const int LinkLimit = 8;

    /// <summary>The address of a group that there is only as the start of others' names.</summary>
    private const long PartOfName = long.MaxValue;

    private readonly string _file;
    private readonly Hdf5Source _source;
    private readonly Dictionary<long, (Hdf5Object Object, Dictionary<string, Hdf5Link>? Links)> _objects = [];
    private long _root;

    private Hdf5File(string file, byte[] bytes)
    {
        (_file, _source) = (file, new Hdf5Source(bytes));
        Try("/", () => _root = ReadStart());
        Try("/", () => Object(_root));
    }

    /// <summary>Bytes that the file says it has; more than are there where it was cut off, and -1 where it does not say.</summary>
    public long DeclaredLength { get; private set; }

    /// <summary>Whether bytes are missing at the file's end.</summary>
    public bool IsCut => DeclaredLength > _source.Length;

    /// <summary>The file's length.</summary>
    public long Length => _source.Length;

    /// <summary>Whether a file starts as an HDF5 file does.</summary>
    public static bool IsHdf5(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A]);

    /// <summary>Opens a file in memory.</summary>
    /// <param name="file">Its name in messages.</param>
    /// <param name="bytes">The file.</param>
    /// <exception cref="InvalidDataException">It is not an HDF5 file.</exception>
    public static Hdf5File Open(string file, byte[] bytes) => new(file, bytes);

    /// <summary>Whether there is a group or dataset.</summary>
    public bool Exists(string path) => Try(path, () => Find(path)) >= 0;

    /// <summary>A group's or dataset's text attribute; null where it has none.</summary>
    public string? Text(string path, string name) => Strings(path, name) switch
    {
        null => null,
        [var text] => text,
        _ => throw Bad($"{path}@{name}", "is not one text."),
    };

    /// <summary>
    /// A list of names in an attribute, or in several that h5py cut it into; null where there is none. An empty list may have any type.
    /// </summary>
    public string[]? Names(string path, string name)
    {
        if (Strings(path, name) is { } whole)
        {
            return whole;
        }

        List<string>? names = null;
        for (var part = 0; Strings(path, $"{name}{part}") is { } some; part++)
        {
            (names ??= []).AddRange(some);
        }

        return names is null ? null : [.. names];
    }

    /// <summary>Reads a dataset of floating-point numbers.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is of another
    /// type, too large for the file, or not whole inside it.</exception>
    public KerasArray Read(string path)
    {
        var (shape, values) = Try(path, () => Hdf5Dataset.Read(_source, Required(path)));
        return new KerasArray(path, shape, values);
    }

    private string[]? Strings(string path, string name) => Try($"{path}@{name}", () => Hdf5Attribute.Read(_source, Required(path), name));

    /// <summary>Reads the file's first structure, which tells the sizes of addresses and where the root group is.</summary>
    private long ReadStart()
    {
        const int MarkLength = 8;
        var start = _source.Slice(0, _source.Length, "the file's start");
        start.Skip(MarkLength);
        var version = start.Version(0, 3);
        start.Skip(version < 2 ? 4 : 0);
        (_source.OffsetSize, _source.LengthSize) = (start.U8(), start.U8());
        if (_source.OffsetSize is not (2 or 4 or 8) || _source.LengthSize is not (2 or 4 or 8))
        {
            throw new InvalidDataException($"its addresses have {_source.OffsetSize} bytes and its lengths {_source.LengthSize}.");
        }

        start.Skip(version < 2 ? 9 : 1);
        start.Skip(version == 1 ? 4 : 0);
        _source.Base = start.Address();
        start.Address();
        DeclaredLength = start.Address();
        if (_source.Base < 0 || _source.Base > _source.Length)
        {
            throw new InvalidDataException($"its addresses start at byte {_source.Base}, outside of its {_source.Length} bytes.");
        }

        if (version < 2)
        {
            start.Address();
            start.Address();
        }

        return start.Address();
    }

    private Hdf5Object Required(string path) => Try(path, () => Find(path)) is >= 0 and var address
            and not PartOfName
        ? Object(address).Object
        : throw new InvalidDataException(
            IsCut ? $"it is not there; {DeclaredLength - Length} bytes are missing at the file's end." : "it is not there.");

    private (Hdf5Object Object, Dictionary<string, Hdf5Link>? Links) Object(long address)
    {
        if (!_objects.TryGetValue(address, out var item))
        {
            var read = Hdf5Object.Read(_source, address);
            _objects[address] = item = (read, Hdf5Group.Read(_source, read));
        }

        return item;
    }

    /// <summary>The address of an object; -1 where there is none.</summary>
    private long Find(string path)
    {
        var (address, open) = (_root, "");
        var parts = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var left = LinkLimit;
        while (parts.TryPop(out var part))
        {
            if (part == ".")
            {
                continue;
            }

            if (Object(address).Links is not { } links)
            {
                return -1;
            }

            // Keras on Windows joined the names of groups in groups with backslashes to the name of one.
            if (!links.TryGetValue(open + part, out var link))
            {
                open += part + '\\';
                if (links.Keys.Any(name => name.StartsWith(open, StringComparison.Ordinal)))
                {
                    continue;
                }

                return -1;
            }

            open = "";
            if (link.Path is null)
            {
                address = link.Address;
                continue;
            }

            if (left-- == 0)
            {
                throw new InvalidDataException("its links lead in circles.");
            }

            address = link.Path.StartsWith('/') ? _root : address;
            foreach (var next in link.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                parts.Push(next);
            }
        }

        return open.Length == 0 ? address : PartOfName;
    }

    /// <summary>Adds the file and the place to an error.</summary>
    private T Try<T>(string place, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (InvalidDataException e)
        {
            // A message of 'it' is about what stands at the place.
            const string It = "it ";
            throw e.Message.StartsWith($"'{_file}': ", StringComparison.Ordinal) ? e
                : Bad(place, e.Message.StartsWith(It, StringComparison.Ordinal) ? e.Message[It.Length..] : $"cannot be read: {e.Message}");
        }
    }

    private InvalidDataException Bad(string place, string what) => new($"'{_file}': {place} {what}");
}
