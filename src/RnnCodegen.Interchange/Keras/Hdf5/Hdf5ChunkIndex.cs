namespace RnnCodegen.Interchange;

/// <summary>Reads a dataset's chunks, wherever the file says which chunk is where. What no chunk covers keeps its value.</summary>
internal sealed class Hdf5ChunkIndex(Hdf5Source source, int[] shape, Hdf5Float type, Hdf5Filters? filters)
{
    /// <summary>Chunks whose places stand in a tree of the first kind.</summary>
    /// <exception cref="InvalidDataException">The tree or a chunk is damaged, or does not fit the dataset.</exception>
    public void ReadTree(long address, ref Hdf5Cursor layout, int rank, float[] values)
    {
        var chunks = new Hdf5Chunks(shape, Dimensions(ref layout, rank, 4), type, filters);
        if (address >= 0)
        {
            Walk(address, chunks, depth: 16, values);
        }
    }

    /// <summary>Chunks in an order that their places tell: a single one, all one after the other, or a table of fixed length.</summary>
    /// <exception cref="InvalidDataException">The index is of another kind,
    /// or it or a chunk is damaged or does not fit the dataset.</exception>
    public void ReadIndexed(Hdf5Cursor layout, float[] values)
    {
        var flags = layout.U8();
        var rank = layout.U8();
        var bytes = layout.U8();
        var chunk = Dimensions(
            ref layout, rank, bytes is > 0 and <= 8 ? bytes : throw new InvalidDataException($"it has chunk sizes of {bytes} bytes."));
        if ((flags & 1) != 0 && filters is not null)
        {
            throw new InvalidDataException(
                "it has chunks that hang over its end outside of its filters, which is not read; rewrite the file with h5repack.");
        }

        var chunks = new Hdf5Chunks(shape, chunk, type, filters);
        var kind = layout.U8();
        switch (kind)
        {
            case 1:
                var (size, mask) = (flags & 2) != 0 ? (layout.Size(), layout.U32()) : (chunks.Length, 0);
                chunks.Read(source, layout.Address(), size, mask, new long[shape.Length], values);
                break;
            case 2:
                var first = layout.Address();
                for (var i = 0L; first >= 0 && i < chunks.Count; i++)
                {
                    chunks.Read(source, first + (i * chunks.Length), chunks.Length, 0, chunks.Start(i), values);
                }

                break;
            case 3:
                layout.Skip(1);
                ReadTable(layout.Address(), chunks, values);
                break;
            default:
                var index = kind == 4 ? "an extensible array" : kind == 5 ? "a tree of the second kind" : $"an index {kind}";
                throw new InvalidDataException($"it has chunks in {index}, which is not read; rewrite the file with h5repack.");
        }
    }

    private void Walk(long place, Hdf5Chunks chunks, int depth, float[] values)
    {
        var node = source.At(depth == 0 ? -1 : place, "a node of a tree of chunks");
        node.Mark("TREE"u8);
        var (kind, level, count) = (node.U8(), node.U8(), node.U16());
        if (kind != 1)
        {
            throw new InvalidDataException("a tree of chunks is one of a group.");
        }

        node.Skip(2 * source.OffsetSize);
        for (var i = 0; i < count; i++)
        {
            var (size, mask) = (node.U32(), node.U32());
            var start = new long[shape.Length];
            for (var axis = 0; axis < start.Length; axis++)
            {
                start[axis] = node.Number(8);
            }

            node.Skip(8);
            var child = node.Address();
            if (level > 0)
            {
                Walk(child, chunks, depth - 1, values);
            }
            else
            {
                chunks.Read(source, child, size, mask, start, values);
            }
        }
    }

    private void ReadTable(long address, Hdf5Chunks chunks, float[] values)
    {
        if (address < 0)
        {
            return;
        }

        var header = source.At(address, "a table of chunks");
        header.Mark("FAHD"u8);
        header.Version(0, 0);
        var (isFiltered, entry, pageBits) = (header.U8() == 1, header.U8(), header.U8());
        var (count, block) = (header.Size(), header.Address());
        var sizeBytes = entry - source.OffsetSize - 4;
        if (count != chunks.Count || pageBits > 30 || (isFiltered && sizeBytes is not (> 0 and <= 8)))
        {
            throw new InvalidDataException($"it has a table of {count} chunks, but needs {chunks.Count}.");
        }

        if (block < 0)
        {
            return;
        }

        var data = source.At(block, "a table of chunks");
        data.Mark("FADB"u8);
        data.Skip(2 + source.OffsetSize);

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
                chunks.Read(source, place, size, mask, chunks.Start(i), values);
            }
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
        return rank == shape.Length + 1 && sizes[^1] == type.Size && Array.TrueForAll(sizes, size => size is > 0 and <= int.MaxValue)
            && total <= int.MaxValue / 2
            ? [.. sizes[..^1].Select(size => (int)size)]
            : throw new InvalidDataException(
                $"it has chunks of the sizes [{string.Join(", ", sizes)}], which do not fit its {shape.Length} axes " +
                $"and {type.Size} bytes a value.");
    }
}
