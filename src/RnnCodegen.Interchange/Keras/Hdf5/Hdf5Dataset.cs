namespace RnnCodegen.Interchange;

/// <summary>Reads a dataset's floating-point numbers, wherever the file keeps them.</summary>
internal sealed class Hdf5Dataset
{
    private readonly Hdf5Source _source;
    private readonly Hdf5Object _item;
    private readonly Hdf5Float _type;
    private readonly int[] _shape;
    private readonly float[] _values;

    private Hdf5Dataset(Hdf5Source source, Hdf5Object item, Hdf5Float type, int[] shape, int count)
    {
        (_source, _item, _type, _shape) = (source, item, type, shape);
        source.Claim(count * (long)sizeof(float));
        _values = new float[count];
    }

    /// <summary>Reads a dataset's shape and values.</summary>
    /// <exception cref="InvalidDataException">It is none, is of another type, or its values are not whole inside the file.</exception>
    public static (int[] Shape, float[] Values) Read(Hdf5Source source, Hdf5Object item)
    {
        if (item.Find(Hdf5MessageType.Datatype) is not { } typeAt || item.Find(Hdf5MessageType.Dataspace) is not { } spaceAt
            || item.Find(Hdf5MessageType.Layout) is not { } layout)
        {
            throw new InvalidDataException("it is not a dataset.");
        }

        var type = Hdf5Datatype.Read(item.Open(typeAt, "a dataset's type"));
        if (type.Float is not { } layoutOfNumbers)
        {
            throw new InvalidDataException($"it is not of 16-, 32- or 64-bit floating-point numbers (float16, bfloat16, float32, float64), but of {type.What}.");
        }

        var space = Hdf5Dataspace.Read(item.Open(spaceAt, "a dataset's sizes"));
        var count = 1L;
        foreach (var size in space)
        {
            count = size is >= 0 and <= int.MaxValue ? count * size : long.MaxValue;
            if (count > Array.MaxLength)
            {
                throw new InvalidDataException($"it declares the sizes [{string.Join(", ", space)}], more than can be read.");
            }
        }

        if (item.Find(Hdf5MessageType.ExternalFiles) is not null)
        {
            throw new InvalidDataException("it has its values in another file.");
        }

        var dataset = new Hdf5Dataset(source, item, layoutOfNumbers, [.. space.Select(size => (int)size)], (int)count);
        if (count > 0)
        {
            dataset.Read(item.Open(layout, "a dataset's layout"));
        }

        return (dataset._shape, dataset._values);
    }

    private void Read(Hdf5Cursor layout)
    {
        var version = layout.Version(1, 4);
        if (version <= 2)
        {
            ReadOld(layout);
            return;
        }

        switch (layout.U8())
        {
            case 0:
                ReadStored(layout.Take(layout.U16()));
                break;
            case 1:
                ReadAt(layout.Address());
                break;
            case 2 when version == 3:
                var rank = layout.U8();
                var tree = layout.Address();
                ReadTree(tree, Dimensions(ref layout, rank, 4));
                break;
            case 2:
                ReadIndexed(layout);
                break;
            default:
                throw new InvalidDataException("it is a virtual dataset, whose values are elsewhere.");
        }
    }

    private void ReadOld(Hdf5Cursor layout)
    {
        var (rank, kind) = (layout.U8(), layout.U8());
        layout.Skip(5);
        var address = kind == 0 ? -1 : layout.Address();
        if (kind == 2)
        {
            ReadTree(address, Dimensions(ref layout, rank, 4));
            return;
        }

        layout.Skip(4 * rank);
        if (kind == 0)
        {
            ReadStored(layout.Take(layout.U32()));
        }
        else
        {
            ReadAt(address);
        }
    }

    private void ReadAt(long address)
    {
        if (address < 0)
        {
            Fill();
        }
        else
        {
            ReadStored(_source.At(address, "a dataset's values").Take((long)_values.Length * _type.Size));
        }
    }

    private void ReadStored(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < (long)_values.Length * _type.Size)
        {
            throw new InvalidDataException($"it declares {_values.Length} values of {_type.Size} bytes, but has {bytes.Length} bytes of them.");
        }

        _type.Convert(bytes, _values);
    }

    /// <summary>Values that were never written are the dataset's fill value, 0 unless it says another.</summary>
    private void Fill()
    {
        if (_item.Find(Hdf5MessageType.FillValue) is { } message)
        {
            var fill = _item.Open(message, "a fill value");
            var isSaid = fill.Version(1, 3) == 3 ? (fill.U8() & 0x20) != 0 : Old(ref fill);
            SetFill(fill, isSaid);
        }
        else if (_item.Find(Hdf5MessageType.OldFillValue) is { } old)
        {
            SetFill(_item.Open(old, "a fill value"), isSaid: true);
        }

        static bool Old(ref Hdf5Cursor fill)
        {
            fill.Skip(2);
            return fill.U8() != 0;
        }
    }

    private void SetFill(Hdf5Cursor fill, bool isSaid)
    {
        if (isSaid && fill.U32() is > 0 and var size)
        {
            var value = new float[1];
            _type.Convert(size == _type.Size ? fill.Take(size) : throw new InvalidDataException($"it has a fill value of {size} bytes."), value);
            Array.Fill(_values, value[0]);
        }
    }

    /// <summary>Reads a chunk's sizes, of which the last is that of a value.</summary>
    private int[] Dimensions(ref Hdf5Cursor layout, int rank, int bytes)
    {
        var sizes = new long[rank];
        for (var i = 0; i < rank; i++)
        {
            sizes[i] = layout.Number(bytes);
        }

        var total = sizes.Aggregate(1.0, (product, size) => product * size);
        return rank == _shape.Length + 1 && sizes[^1] == _type.Size && Array.TrueForAll(sizes, size => size is > 0 and <= int.MaxValue) && total <= int.MaxValue / 2
            ? [.. sizes[..^1].Select(size => (int)size)]
            : throw new InvalidDataException($"it has chunks of the sizes [{string.Join(", ", sizes)}], which do not fit its {_shape.Length} axes and {_type.Size} bytes a value.");
    }

    private void ReadTree(long address, int[] chunk)
    {
        Fill();
        if (address >= 0)
        {
            Walk(address, new Hdf5Chunks(_shape, chunk, _type, Filters()), depth: 16);
        }

        void Walk(long place, Hdf5Chunks chunks, int depth)
        {
            var node = _source.At(depth == 0 ? -1 : place, "a node of a tree of chunks");
            node.Mark("TREE"u8);
            var (kind, level, count) = (node.U8(), node.U8(), node.U16());
            if (kind != 1)
            {
                throw new InvalidDataException("a tree of chunks is one of a group.");
            }

            node.Skip(2 * _source.OffsetSize);
            for (var i = 0; i < count; i++)
            {
                var (size, mask) = (node.U32(), node.U32());
                var start = new long[_shape.Length];
                for (var axis = 0; axis < start.Length; axis++)
                {
                    start[axis] = node.Number(8);
                }

                node.Skip(8);
                var child = node.Address();
                if (level > 0)
                {
                    Walk(child, chunks, depth - 1);
                }
                else
                {
                    chunks.Read(_source, child, size, mask, start, _values);
                }
            }
        }
    }

    private Hdf5Filters? Filters() => _item.Find(Hdf5MessageType.Filters) is { } filters ? Hdf5Filters.Read(_item.Open(filters, "a dataset's filters")) : null;

    /// <summary>Chunks in an order that their places tell: a single one, all one after the other, or a table of fixed length.</summary>
    private void ReadIndexed(Hdf5Cursor layout)
    {
        Fill();
        var flags = layout.U8();
        var rank = layout.U8();
        var bytes = layout.U8();
        var chunk = Dimensions(ref layout, rank, bytes is > 0 and <= 8 ? bytes : throw new InvalidDataException($"it has chunk sizes of {bytes} bytes."));
        var filters = Filters();
        if ((flags & 1) != 0 && filters is not null)
        {
            throw new InvalidDataException("it has chunks that hang over its end outside of its filters, which is not read; rewrite the file with h5repack.");
        }

        var chunks = new Hdf5Chunks(_shape, chunk, _type, filters);
        var kind = layout.U8();
        switch (kind)
        {
            case 1:
                var (size, mask) = (flags & 2) != 0 ? (layout.Size(), layout.U32()) : (chunks.Length, 0);
                chunks.Read(_source, layout.Address(), size, mask, new long[_shape.Length], _values);
                break;
            case 2:
                var first = layout.Address();
                for (var i = 0L; first >= 0 && i < chunks.Count; i++)
                {
                    chunks.Read(_source, first + (i * chunks.Length), chunks.Length, 0, chunks.Start(i), _values);
                }

                break;
            case 3:
                layout.Skip(1);
                ReadTable(layout.Address(), chunks);
                break;
            default:
                throw new InvalidDataException($"it has chunks in {(kind == 4 ? "an extensible array" : kind == 5 ? "a tree of the second kind" : $"an index {kind}")}, which is not read; rewrite the file with h5repack.");
        }
    }

    private void ReadTable(long address, Hdf5Chunks chunks)
    {
        if (address < 0)
        {
            return;
        }

        var header = _source.At(address, "a table of chunks");
        header.Mark("FAHD"u8);
        header.Version(0, 0);
        var (isFiltered, entry, pageBits) = (header.U8() == 1, header.U8(), header.U8());
        var (count, block) = (header.Size(), header.Address());
        var sizeBytes = entry - _source.OffsetSize - 4;
        if (count != chunks.Count || pageBits > 30 || (isFiltered && sizeBytes is not (> 0 and <= 8)))
        {
            throw new InvalidDataException($"it has a table of {count} chunks, but needs {chunks.Count}.");
        }

        if (block < 0)
        {
            return;
        }

        var data = _source.At(block, "a table of chunks");
        data.Mark("FADB"u8);
        data.Skip(2 + _source.OffsetSize);

        // Where there are many, they stand in pages, each with a check sum, of which a bit says whether it was written.
        var page = 1L << pageBits;
        var isPaged = count > page;
        var pages = isPaged ? data.Take(((count + page - 1) / page + 7) / 8) : [];
        data.Skip(isPaged ? 4 : 0);
        for (var i = 0L; i < count; i++)
        {
            var isWritten = !isPaged || (pages[(int)(i / page / 8)] & (0x80 >> (int)(i / page % 8))) != 0;
            var place = data.Address();
            var (size, mask) = isFiltered ? (data.Number(sizeBytes), data.U32()) : (chunks.Length, 0);
            data.Skip(isPaged && ((i + 1) % page == 0 || i + 1 == count) ? 4 : 0);
            if (isWritten)
            {
                chunks.Read(_source, place, size, mask, chunks.Start(i), _values);
            }
        }
    }
}
