using System.Globalization;
using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>
/// A <c>.pt</c> or <c>.pth</c> file that <c>torch.save</c> wrote of a state dict, or of dictionaries, lists and tuples of tensors and plain
/// values. It is a zip archive with a pickle, which is read as data: nothing is executed, and objects of other classes are passed over and
/// listed by name.
/// </summary>
public sealed class PyTorchFile
{
    private const string PickleName = "data.pkl";
    private const int MaxDepth = 64;
    private const int MaxItems = 1 << 18;
    private const int MaxName = 512;
    private const int SmallFile = 1 << 20;

    /// <summary>Bytes of the pickle, which has names and plain values; the tensors stand beside it.</summary>
    private const int MaxPickle = 256 << 20;

    /// <summary>Tensors may share storages, but what all of them show is at most so many times the file.</summary>
    private const int MaxSharing = 8;

    private readonly string _path;
    private readonly long _length;
    private readonly List<SafeTensor> _tensors = [];
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);
    private readonly List<SkippedObject> _skipped = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _items;
    private long _bytes;

    private PyTorchFile(string path, long length) => (_path, _length) = (path, length);

    /// <summary>
    /// The tensors in the order of the file. A tensor of a dictionary in a dictionary is named by both keys with a dot between them, one of
    /// a list by its index: <c>state_dict.encoder.weight_ih_l0</c>.
    /// </summary>
    public IReadOnlyList<SafeTensor> Tensors => _tensors;

    /// <summary>The plain values, named alike: null, bool, long, double or string.</summary>
    public IReadOnlyDictionary<string, object?> Values => _values;

    /// <summary>What is neither a tensor nor a plain value, named alike, and so was not read: a date, a configuration, a module.</summary>
    public IReadOnlyList<SkippedObject> Skipped => _skipped;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">
    /// It is not such a file, is damaged, or holds no tensors outside of objects of classes; the message names the file, what it is, and
    /// the cure.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PyTorchFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Read(path, RegularFile.OpenRead(path));
    }

    /// <summary>
    /// Writes a state dict that <c>torch.load</c> reads, also with <c>weights_only=True</c>: an ordered dictionary of tensors of the given
    /// names. Replaces the file whole or not at all.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors, in this order.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name, one
    /// has a type that PyTorch lacks, or all together exceed 4 GiB.</exception>
    /// <exception cref="IOException">It cannot be written; an existing file is as it was.</exception>
    public static void Write(string path, IReadOnlyList<SafeTensor> tensors)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        PyTorchWriter.Check(tensors);
        AtomicFile.Write(path, stream => PyTorchWriter.Write(stream, Path.GetFileNameWithoutExtension(path), tensors));
    }

    internal static PyTorchFile Read(string path, Stream stream)
    {
        using (stream)
        {
            RequireZip(path, stream);
            using var zip = SafeZip.Open(path, stream);
            var folder = FindFolder(zip);
            if (zip.TryGet(folder + "byteorder", out var order) && Encoding.ASCII.GetString(zip.Read(order)) is var name
                && name != "little")
            {
                throw new InvalidDataException(
                    $"'{path}': the file's numbers are stored in the byte order '{name}'; only little-endian files are read.");
            }

            var objects = new PyTorchObjects(path, key => zip.Read($"{folder}data/{key}"));
            var root = new PickleReader(path, zip.Read(folder + PickleName, MaxPickle), objects).Read();
            var file = new PyTorchFile(path, zip.Entries.Sum(e => e.Length));
            file.Add("", root, 0);
            return file._tensors.Count > 0 || file._skipped.Count == 0 ? file : throw file.Bad(
                $"the file holds no tensors but inside of {string.Join(", ", file._skipped.Take(4))}. Objects of classes are not read, " +
                "as nothing is executed. Save the state dict, torch.save(model.state_dict(), path), not the model or other objects.");
        }
    }

    private static void RequireZip(string path, Stream stream)
    {
        var start = new byte[16];
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (SafeZip.IsZip(start))
        {
            return;
        }

        // The first object of the format before version 1.6 is a magic number of 10 bytes.
        ReadOnlySpan<byte> magic = [PickleOpcode.Protocol, 2, PickleOpcode.Long, 10, 0x6C, 0xFC];
        var isLegacy = start.AsSpan(0, length).StartsWith(magic);
        throw new InvalidDataException(isLegacy
            ? $"'{path}': the file is in PyTorch's format from before version 1.6, which is not read. Save it anew: " +
                "torch.save(torch.load(path), path)."
            : $"'{path}': the file is no zip archive, as torch.save writes it.");
    }

    private static string FindFolder(SafeZip zip)
    {
        var pickles = zip.Entries.Where(e => e.Name == PickleName || e.Name.EndsWith("/" + PickleName, StringComparison.Ordinal)).ToList();
        if (pickles is not [var pickle])
        {
            throw new InvalidDataException($"'{zip.File}': the archive holds {pickles.Count} entries {PickleName}; torch.save writes one.");
        }

        var folder = pickle.Name[..^PickleName.Length];
        if (zip.TryGet(folder + "constants.pkl", out _)
            || zip.Entries.Any(e => e.Name.StartsWith(folder + "code/", StringComparison.Ordinal)))
        {
            throw new InvalidDataException(
                $"'{zip.File}': the file is a TorchScript program (torch.jit.save), which is not read. Save its weights: " +
                "torch.save(model.state_dict(), path).");
        }

        return folder;
    }

    private void Add(string name, object? value, int depth)
    {
        if (depth > MaxDepth || ++_items > MaxItems || name.Length > MaxName)
        {
            throw Bad(
                $"the objects at '{Shown(name)}' are nested more than {MaxDepth} deep, more than {MaxItems} in all, or have longer names " +
                $"than {MaxName} letters.");
        }

        switch (value)
        {
            case PickleDictionary dictionary:
                foreach (var (key, item) in dictionary.Items)
                {
                    Add(Join(name, KeyText(name, key)), item, depth + 1);
                }

                break;
            case IReadOnlyList<object?> list:
                for (var i = 0; i < list.Count; i++)
                {
                    Add(Join(name, i.ToString(CultureInfo.InvariantCulture)), list[i], depth + 1);
                }

                break;
            case PyTorchTensor tensor:
                AddTensor(name, tensor);
                break;
            case PickleForeign or PickleGlobal:
                RequireNew(name);
                _skipped.Add(new SkippedObject(name, (value as PickleForeign)?.Class ?? ((PickleGlobal)value).Name, HoldsTensors(value)));
                break;
            case null or bool or long or double or string:
                RequireNew(name);
                _values.Add(name, value);
                break;
            default:
                throw Bad($"the object at '{Shown(name)}' is neither a tensor nor a plain value.");
        }
    }

    private void AddTensor(string name, PyTorchTensor tensor)
    {
        if (name.Length == 0)
        {
            throw Bad("the file holds a tensor without a name, not a state dict: torch.save(model.state_dict(), path).");
        }

        RequireNew(name);
        _bytes += (long)tensor.Count * tensor.Storage.ElementSize;
        if (_bytes > SmallFile + (MaxSharing * _length))
        {
            throw Bad(
                $"the tensors up to '{Shown(name)}' take {_bytes} bytes, more than {MaxSharing} times what the file holds: they repeat " +
                "elements or share them.");
        }

        _tensors.Add(SafeTensor.OfBytes(name, tensor.Storage.DataType, Array.AsReadOnly(tensor.Shape), tensor.ToBytes()));
    }

    /// <summary>Whether a tensor, or numbers of one, are among the parts of an object.</summary>
    private static bool HoldsTensors(object? whole)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object?>([whole]);
        while (open.TryPop(out var value))
        {
            if (value is PyTorchTensor or PyTorchStorage)
            {
                return true;
            }

            IEnumerable<object?> parts = value switch
            {
                PickleForeign foreign => foreign.Parts,
                PickleDictionary dictionary => dictionary.Items.Select(item => item.Value),
                IReadOnlyList<object?> list => list,
                _ => [],
            };
            if (value is not null && seen.Add(value))
            {
                foreach (var part in parts)
                {
                    open.Push(part);
                }
            }
        }

        return false;
    }

    private void RequireNew(string name)
    {
        if (!_names.Add(name))
        {
            throw Bad($"two objects are named '{Shown(name)}'.");
        }
    }

    private string KeyText(string name, object? key) => key switch
    {
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        null or bool or double => Convert.ToString(key, CultureInfo.InvariantCulture) is { Length: > 0 } plain ? plain : "None",
        PickleGlobal global => global.Name,
        _ => throw Bad($"a key in '{Shown(name)}' is neither a text nor a number."),
    };

    private static string Join(string name, string key) => name.Length == 0 ? key : $"{name}.{key}";

    private static string Shown(string name) => name.Length <= 200 ? name : name[..200] + "...";

    private InvalidDataException Bad(string what) => new($"'{_path}': {what}");
}

/// <summary>An object of a checkpoint that was passed over.</summary>
/// <param name="Name">Its name: the keys that lead to it.</param>
/// <param name="Type">The name of its class.</param>
/// <param name="HoldsTensors">Whether tensors are among what it is made of.</param>
public sealed record SkippedObject(string Name, string Type, bool HoldsTensors)
{
    /// <summary>The name and the class.</summary>
    public override string ToString() => Name.Length == 0 ? $"an object of {Type}" : $"'{Name}' ({Type})";
}
