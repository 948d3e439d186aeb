namespace RnnCodegen.Interchange;

/// <summary>The chunks of a dataset: where each goes in the whole.</summary>
internal sealed class Hdf5Chunks(int[] shape, int[] chunk, Hdf5Float type, Hdf5Filters? filters)
{
    private long _read;

    /// <summary>Bytes of a chunk's values.</summary>
    public int Length { get; } = chunk.Aggregate(type.Size, (product, size) => product * size);

    /// <summary>Chunks that cover the dataset.</summary>
    public long Count => shape.Zip(chunk).Aggregate(1L, (product, pair) => product * ((pair.First + (long)pair.Second - 1) / pair.Second));

    /// <summary>Where a chunk starts, by its number in the order of rows.</summary>
    public long[] Start(long index)
    {
        var start = new long[shape.Length];
        for (var axis = shape.Length - 1; axis >= 0; axis--)
        {
            var count = (shape[axis] + (long)chunk[axis] - 1) / chunk[axis];
            start[axis] = index % count * chunk[axis];
            index /= count;
        }

        return start;
    }

    /// <summary>Reads a chunk and puts what of it lies inside into the whole; one that was never written changes nothing.</summary>
    public void Read(Hdf5Source source, long address, long size, uint mask, long[] start, float[] values)
    {
        if (address < 0)
        {
            return;
        }

        var stored = source.At(address, "a chunk").Take(size);
        if (_read++ == Count)
        {
            throw new InvalidDataException($"it has more chunks than the {Count} that cover it.");
        }

        var bytes = filters is null ? stored : filters.Undo(source, stored, mask, Length, type.Size);
        if (bytes.Length != Length || start.Zip(shape).Any(pair => pair.First < 0 || pair.First >= pair.Second))
        {
            throw new InvalidDataException(
                $"it has a chunk of {bytes.Length} bytes at [{string.Join(", ", start)}], where none of {Length} can be.");
        }

        Place(bytes, 0, 0, start, values, 0);
    }

    private void Place(ReadOnlySpan<byte> bytes, int axis, long from, long[] start, float[] values, long to)
    {
        var count = (int)(axis == shape.Length ? 1 : Math.Min(chunk[axis], shape[axis] - start[axis]));
        if (axis >= shape.Length - 1)
        {
            var target = (to * (axis < shape.Length ? shape[axis] : 1)) + (axis < shape.Length ? start[axis] : 0);
            type.Convert(bytes[(int)(from * (axis < shape.Length ? chunk[axis] : 1) * type.Size)..], values.AsSpan((int)target, count));
            return;
        }

        for (var i = 0; i < count; i++)
        {
            Place(bytes, axis + 1, (from * chunk[axis]) + i, start, values, (to * shape[axis]) + start[axis] + i);
        }
    }
}
