using System.Buffers.Binary;
using System.Text;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>
/// Writes an HDF5 file byte by byte, in the form that libraries write by
/// default, and not with the code under test: a root group with one dataset.
/// </summary>
internal sealed class Hdf5Builder
{
    private readonly List<byte> _bytes = [];

    /// <summary>The type message of float32; a type's fields are at fixed places in it.</summary>
    public static byte[] Float32 => [0x11, 0x20, 0x1F, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];

    /// <summary>The type message of bfloat16.</summary>
    public static byte[] BFloat16 => [0x11, 0x20, 0x0F, 0, 2, 0, 0, 0, 0, 0, 16, 0, 7, 8, 0, 7, 127, 0, 0, 0];

    /// <summary>The type message of float16.</summary>
    public static byte[] Float16 => [0x11, 0x20, 0x0F, 0, 2, 0, 0, 0, 0, 0, 16, 0, 10, 5, 0, 10, 15, 0, 0, 0];

    /// <summary>The type message of float64.</summary>
    public static byte[] Float64 => [0x11, 0x20, 0x3F, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0];

    /// <summary>The type message of two opaque bytes.</summary>
    public static byte[] Opaque => [0x15, 0, 0, 0, 2, 0, 0, 0];

    /// <summary>A type with the highest byte first.</summary>
    public static byte[] BigEndian(byte[] type) => [type[0], (byte)(type[1] | 1), .. type[2..]];

    /// <summary>A file whose dataset <c>w</c> has its values in one piece.</summary>
    /// <param name="type">The type message.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="data">The values' bytes; null for a dataset that was never written.</param>
    /// <param name="fill">The fill value's bytes.</param>
    /// <param name="attribute">The dataset's attribute, a text of its own length.</param>
    public static byte[] Contiguous(byte[] type, int[] shape, byte[]? data, byte[]? fill = null,
        (string Name, string Text)? attribute = null)
    {
        var builder = new Hdf5Builder();
        var place = builder.Start();
        var at = data is null ? ulong.MaxValue : builder.Add(data);
        builder.Finish(place, type, shape, [3, 1, .. Long(at), .. Long((ulong)(data?.Length ?? 0))], null, fill, attribute);
        return [.. builder._bytes];
    }

    /// <summary>A file whose dataset <c>w</c> has its values in chunks, which a tree finds.</summary>
    /// <param name="type">The type message.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="chunk">The sizes of a chunk.</param>
    /// <param name="filter">The filter's number and values; null for none.</param>
    /// <param name="chunks">Where each chunk starts, and its bytes.</param>
    public static byte[] Chunked(byte[] type, int[] shape, int[] chunk, (int Id, uint[] Values)? filter,
        params (int[] Start, byte[] Bytes)[] chunks)
    {
        var builder = new Hdf5Builder();
        var place = builder.Start();
        var places = chunks.Select(c => builder.Add(c.Bytes)).ToList();
        List<byte> tree = [.. "TREE"u8, 1, 0, .. Short(chunks.Length), .. Long(ulong.MaxValue), .. Long(ulong.MaxValue)];
        foreach (var ((start, bytes), at) in chunks.Zip(places))
        {
            tree.AddRange([.. Int((uint)bytes.Length), .. Int(0), .. start.SelectMany(s => Long((ulong)s)), .. Long(0), .. Long(at)]);
        }

        var root = builder.Add([.. tree]);
        byte[] layout = [3, 2, (byte)(shape.Length + 1), .. Long(root), .. chunk.SelectMany(s => Int((uint)s)), .. Int(type[4])];
        byte[]? filters = filter is not { } f
            ? null
            : [1, 1, 0, 0, 0, 0, 0, 0, .. Short(f.Id), .. Short(0), .. Short(0), .. Short(f.Values.Length), .. f.Values.SelectMany(Int),
                .. Int(0)];
        builder.Finish(place, type, shape, layout, filters, null, null);
        return [.. builder._bytes];
    }

    /// <summary>Writes the superblock, whose last fields are set at the end.</summary>
    private int Start()
    {
        _bytes.AddRange([0x89, .. "HDF\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0]);
        _bytes.AddRange([.. Long(0), .. Long(ulong.MaxValue), .. Long(0), .. Long(ulong.MaxValue), .. Long(0), .. Long(0), .. Long(0),
            .. new byte[16]]);
        return _bytes.Count;
    }

    private void Finish(
        int start, byte[] type, int[] shape, byte[] layout, byte[]? filters, byte[]? fill, (string Name, string Text)? attribute)
    {
        byte[] space = [1, (byte)shape.Length, 0, 0, 0, 0, 0, 0, .. shape.SelectMany(s => Long((ulong)s))];
        List<(int, byte[])> messages = [(1, space), (3, type), (8, layout)];
        if (filters is not null)
        {
            messages.Add((11, filters));
        }

        if (fill is not null)
        {
            messages.Add((5, [2, 1, 0, 1, .. Int((uint)fill.Length), .. fill]));
        }

        if (attribute is var (name, text))
        {
            byte[] nameBytes = [.. Encoding.UTF8.GetBytes(name), 0];
            byte[] textType = [0x13, 1, 0, 0, .. Int((uint)text.Length)];
            messages.Add(
                (12, [3, 0, .. Short(nameBytes.Length), .. Short(8), .. Short(4), 1, .. nameBytes, .. textType, 2, 0, 0, 0,
                    .. Encoding.UTF8.GetBytes(text)]));
        }

        var dataset = Add(Header(messages));

        // A group in the old form: a tree of nodes of names, which stand in a heap.
        var names = Add([0, 0, 0, 0, 0, 0, 0, 0, (byte)'w', 0, 0, 0, 0, 0, 0, 0]);
        var heap = Add([.. "HEAP"u8, 0, 0, 0, 0, .. Long(16), .. Long(1), .. Long(names)]);
        var node = Add([.. "SNOD"u8, 1, 0, .. Short(1), .. Long(8), .. Long(dataset), .. new byte[24]]);
        var tree = Add(
            [.. "TREE"u8, 0, 0, .. Short(1), .. Long(ulong.MaxValue), .. Long(ulong.MaxValue), .. Long(0), .. Long(node), .. Long(8)]);
        var root = Add(Header([(17, [.. Long(tree), .. Long(heap)])]));
        Set(40, Long((ulong)_bytes.Count));
        Set(start - 32, Long(root));
    }

    private static byte[] Header(List<(int Type, byte[] Bytes)> messages)
    {
        List<byte> body = [];
        foreach (var (type, bytes) in messages)
        {
            var padded = bytes.Concat(new byte[(8 - (bytes.Length % 8)) % 8]).ToArray();
            body.AddRange([.. Short(type), .. Short(padded.Length), 0, 0, 0, 0, .. padded]);
        }

        return [1, 0, .. Short(messages.Count), .. Int(1), .. Int((uint)body.Count), 0, 0, 0, 0, .. body];
    }

    private ulong Add(byte[] bytes)
    {
        _bytes.AddRange(new byte[(8 - (_bytes.Count % 8)) % 8]);
        var place = _bytes.Count;
        _bytes.AddRange(bytes);
        return (ulong)place;
    }

    private void Set(int at, byte[] bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            _bytes[at + i] = bytes[i];
        }
    }

    private static byte[] Short(int value) => BitConverter.GetBytes((ushort)value);

    private static byte[] Int(uint value) => BitConverter.GetBytes(value);

    private static byte[] Long(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
