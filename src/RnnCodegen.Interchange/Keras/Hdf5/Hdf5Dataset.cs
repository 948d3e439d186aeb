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
        if ((type.Float ?? Marked(source, item, type)) is not { } layoutOfNumbers)
        {
            throw new InvalidDataException(
                $"it is not of 16-, 32- or 64-bit floating-point numbers (float16, bfloat16, float32, float64), but of {type.What}; " +
                "save the model's weights as float32.");
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

    /// <summary>
    /// Keras writes bfloat16, for which HDF5 had no type, as two opaque bytes
    /// and says so in an attribute; null where this is no such dataset.
    /// </summary>
    private static Hdf5Float? Marked(Hdf5Source source, Hdf5Object item, Hdf5Datatype type) =>
        type is { IsOpaque: true, Size: 2 } && Hdf5Attribute.Read(source, item, "dtype") is ["bfloat16"] ? Hdf5Float.BFloat16 : null;

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
                ReadTree(tree, ref layout, rank);
                break;
            case 2:
                Fill();
                Index.ReadIndexed(layout, _values);
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
            ReadTree(address, ref layout, rank);
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

    /// <summary>Where the chunks are told of, with the filters that they went through.</summary>
    private Hdf5ChunkIndex Index => new(
        _source, _shape, _type,
        _item.Find(Hdf5MessageType.Filters) is { } filters ? Hdf5Filters.Read(_item.Open(filters, "a dataset's filters")) : null);

    private void ReadTree(long address, ref Hdf5Cursor layout, int rank)
    {
        Fill();
        Index.ReadTree(address, ref layout, rank, _values);
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
            throw new InvalidDataException(
                $"it declares {_values.Length} values of {_type.Size} bytes, but has {bytes.Length} bytes of them.");
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
            _type.Convert(
                size == _type.Size ? fill.Take(size) : throw new InvalidDataException($"it has a fill value of {size} bytes."), value);
            Array.Fill(_values, value[0]);
        }
    }
}
