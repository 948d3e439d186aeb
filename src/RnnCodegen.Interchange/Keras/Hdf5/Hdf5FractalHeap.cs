using System.Numerics;

namespace RnnCodegen.Interchange;

/// <summary>
/// A heap of objects in blocks whose sizes double from row to row: what links and attributes are kept in where there are many. Large
/// objects stand by themselves and are found through a tree; small ones stand in their own id.
/// </summary>
internal sealed class Hdf5FractalHeap
{
    private const int DepthLimit = 16;

    private readonly Hdf5Source _source;
    private readonly int _idLength;
    private readonly long _maxObject;
    private readonly long _largeTree;
    private readonly int _width;
    private readonly long _firstBlock;
    private readonly long _maxDirect;
    private readonly int _maxBits;
    private readonly long _root;
    private readonly int _rows;
    private List<(int Start, int Length)>? _large;

    private Hdf5FractalHeap(Hdf5Source source, Hdf5Cursor header)
    {
        _source = source;
        header.Mark("FRHP"u8);
        header.Version(0, 0);
        _idLength = header.U16();
        var filters = header.U16();
        header.Skip(1);
        _maxObject = header.U32();
        header.Size();
        _largeTree = header.Address();
        header.Size();
        header.Address();
        for (var i = 0; i < 8; i++)
        {
            header.Size();
        }

        _width = header.U16();
        (_firstBlock, _maxDirect) = (header.Size(), header.Size());
        _maxBits = header.U16();
        header.Skip(2);
        _root = header.Address();
        _rows = header.U16();
        if (filters != 0)
        {
            throw new InvalidDataException("a heap is compressed, which is not read; rewrite the file with h5repack.");
        }

        if (_idLength is < 2 or > 64 || _width is 0 or > 1024 || !IsPower(_firstBlock) || !IsPower(_maxDirect) || _maxDirect < _firstBlock
            || _maxBits is 0 or > 63)
        {
            throw new InvalidDataException("a heap's header says sizes that cannot be.");
        }
    }

    public static Hdf5FractalHeap Read(Hdf5Source source, long address) => new(source, source.At(address, "a heap"));

    /// <summary>Starts to read an object.</summary>
    /// <param name="id">A record of which the object's id is next.</param>
    /// <param name="what">What the object is.</param>
    public Hdf5Cursor Open(Hdf5Cursor id, string what)
    {
        var start = id.Place;
        var flags = id.U8();
        switch (flags >> 4 & 3)
        {
            case 0:
                var offset = id.Number((_maxBits + 7) / 8);
                var length = id.Number(Math.Min(Hdf5BTree.SizeFor(_maxDirect), Hdf5BTree.SizeFor(_maxObject)));
                return _source.Slice(_source.Base + Place(_root, _rows, offset, DepthLimit), length, what);
            case 1 when _idLength - 1 >= _source.OffsetSize + _source.LengthSize:
                var (address, size) = (id.Address(), id.Size());
                return _source.Slice(_source.Base + address, address < 0 ? -1 : size, what);
            case 1:
                return Large(id.Number(Math.Min(_idLength - 1, 8)), what);
            case 2:
                return _source.Slice(start + 1, (flags & 15) + 1, what);
            default:
                throw new InvalidDataException($"{what} has an id of an unknown kind.");
        }
    }

    private Hdf5Cursor Large(long id, string what)
    {
        _large ??= Hdf5BTree.Records(_source, _largeTree, 1);
        foreach (var (start, length) in _large)
        {
            var record = _source.Slice(start, length, "a large object's record");
            var (address, size) = (record.Address(), record.Size());
            if (record.Size() == id)
            {
                return _source.Slice(_source.Base + address, address < 0 ? -1 : size, what);
            }
        }

        throw new InvalidDataException($"{what} is not in its heap.");
    }

    /// <summary>Where an offset of the heap is in the file; blocks count their own headers.</summary>
    private long Place(long block, int rows, long offset, int depth)
    {
        if (block < 0 || offset < 0 || depth == 0)
        {
            throw new InvalidDataException("a heap has no block where an object should be.");
        }

        if (rows == 0)
        {
            return block + offset;
        }

        var node = _source.At(block, "a block of a heap");
        node.Mark("FHIB"u8);
        node.Version(0, 0);
        node.Address();
        node.Skip((_maxBits + 7) / 8);
        var (size, start) = (_firstBlock, 0L);
        for (var row = 0; row < rows; row++)
        {
            if (offset - start < size * _width)
            {
                var column = (offset - start) / size;
                node.Skip(((row * _width) + column) * _source.OffsetSize);
                var inner = offset - start - (column * size);
                return Place(node.Address(),
                    size <= _maxDirect ? 0 : Math.Max(1, BitOperations.Log2((ulong)(size / (_firstBlock * _width))) + 1), inner, depth - 1);
            }

            start += size * _width;
            size = row == 0 ? size : size * 2;
            if (size > 1L << 50)
            {
                break;
            }
        }

        throw new InvalidDataException("a heap has no block where an object should be.");
    }

    private static bool IsPower(long value) => value is > 0 and < (1L << 40) && BitOperations.IsPow2(value);
}
