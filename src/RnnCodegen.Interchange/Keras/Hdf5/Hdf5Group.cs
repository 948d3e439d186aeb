using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>A link of a group: to an object's header, or to a path.</summary>
internal readonly record struct Hdf5Link(long Address, string? Path);

/// <summary>Reads the links of a group, in all three ways that files keep them.</summary>
internal sealed class Hdf5Group(Hdf5Source source)
{
    /// <summary>Levels of the tree of an old group's links; a tree of more would hold more names than memory does.</summary>
    private const int DepthLimit = 16;

    private readonly Dictionary<string, Hdf5Link> _links = new(StringComparer.Ordinal);

    /// <summary>The links by name; null where the object is no group.</summary>
    public static Dictionary<string, Hdf5Link>? Read(Hdf5Source source, Hdf5Object item)
    {
        var group = new Hdf5Group(source);
        var isGroup = false;
        foreach (var message in item.Messages)
        {
            switch (message.Type)
            {
                case Hdf5MessageType.SymbolTable:
                    var table = item.Open(message, "a group's table");
                    var (tree, heap) = (table.Address(), table.Address());
                    group.ReadTree(tree, group.Heap(heap), DepthLimit);
                    isGroup = true;
                    break;
                case Hdf5MessageType.Link:
                    group.Add(item.Open(message, "a link"));
                    isGroup = true;
                    break;
                case Hdf5MessageType.LinkInfo:
                    group.ReadDense(item.Open(message, "a group's table"));
                    isGroup = true;
                    break;
            }
        }

        return isGroup ? group._links : null;
    }

    private void ReadTree(long address, (int Start, int Length) heap, int depth)
    {
        var node = source.At(address, "a node of a group's tree");
        if (depth == 0)
        {
            throw new InvalidDataException("a group's tree is too deep.");
        }

        node.Mark("TREE"u8);
        var (kind, level, count) = (node.U8(), node.U8(), node.U16());
        if (kind != 0)
        {
            throw new InvalidDataException("a group's tree is one of chunks.");
        }

        node.Skip(2 * source.OffsetSize);
        for (var i = 0; i < count; i++)
        {
            node.Size();
            var child = node.Address();
            if (level > 0)
            {
                ReadTree(child, heap, depth - 1);
            }
            else
            {
                ReadSymbols(child, heap);
            }
        }
    }

    private (int Start, int Length) Heap(long address)
    {
        var heap = source.At(address, "a group's heap of names");
        heap.Mark("HEAP"u8);
        heap.Version(0, 0);
        heap.Skip(3);
        var length = heap.Size();
        heap.Size();
        var data = source.At(heap.Address(), "a group's heap of names");
        return (data.Place, (int)Math.Min(length < 0 ? 0 : length, data.Left));
    }

    private void ReadSymbols(long address, (int Start, int Length) heap)
    {
        var node = source.At(address, "a group's node of names");
        node.Mark("SNOD"u8);
        node.Version(1, 1);
        node.Skip(1);
        var count = node.U16();
        for (var i = 0; i < count; i++)
        {
            var name = Text(heap, node.Address());
            var target = node.Address();
            var kind = node.U32();
            node.Skip(4);
            var value = node.U32();
            node.Skip(12);
            Add(name, kind == 2 ? new(-1, Text(heap, value)) : new(target, null));
        }
    }

    private string Text((int Start, int Length) heap, long offset)
    {
        var rest = source.Slice((long)heap.Start + offset, offset < 0 ? -1 : heap.Length - offset, "a name");
        var bytes = rest.Take(rest.Left);
        var end = bytes.IndexOf((byte)0);
        return Decode(end < 0 ? bytes : bytes[..end]);
    }

    private void ReadDense(Hdf5Cursor info)
    {
        info.Version(0, 0);
        var flags = info.U8();
        info.Skip((flags & 1) != 0 ? 8 : 0);
        var (heapAddress, tree) = (info.Address(), info.Address());
        if (heapAddress < 0)
        {
            return;
        }

        var heap = Hdf5FractalHeap.Read(source, heapAddress);
        foreach (var record in Hdf5BTree.Records(source, tree, 5))
        {
            var id = source.Slice(record.Start, record.Length, "a group's record");
            id.Skip(4);
            Add(heap.Open(id, "a link"));
        }
    }

    private void Add(Hdf5Cursor link)
    {
        link.Version(1, 1);
        var flags = link.U8();
        var kind = (flags & 8) != 0 ? link.U8() : 0;
        link.Skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 0x10) != 0 ? 1 : 0));
        var name = Decode(link.Take(link.Number(1 << (flags & 3))));
        Add(name, kind switch
        {
            0 => new(link.Address(), null),
            1 => new(-1, Decode(link.Take(link.U16()))),
            _ => throw new InvalidDataException($"the link '{name}' leads to another file."),
        });
    }

    private void Add(string name, Hdf5Link link)
    {
        source.Claim(64 + (4 * name.Length));
        _links[name] = link;
    }

    private string Decode(ReadOnlySpan<byte> bytes)
    {
        source.Claim(bytes.Length);
        return Encoding.UTF8.GetString(bytes);
    }
}
