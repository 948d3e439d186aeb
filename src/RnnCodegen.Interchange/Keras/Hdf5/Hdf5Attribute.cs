using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>Reads an object's attributes of text, where they stand in its header and where they stand in a heap.</summary>
internal sealed class Hdf5Attribute(Hdf5Source source)
{
    /// <summary>The texts of an attribute; null where the object has none of that name.</summary>
    /// <exception cref="InvalidDataException">It is no text, or damaged.</exception>
    public static string[]? Read(Hdf5Source source, Hdf5Object item, string name)
    {
        var reader = new Hdf5Attribute(source);
        foreach (var message in item.Messages.Where(m => m.Type == Hdf5MessageType.Attribute))
        {
            if (reader.Read(item.Open(message, "an attribute"), name) is { } texts)
            {
                return texts;
            }
        }

        return item.Find(Hdf5MessageType.AttributeInfo) is { } table
            ? reader.ReadDense(item.Open(table, "a table of attributes"), name)
            : null;
    }

    private string[]? ReadDense(Hdf5Cursor info, string name)
    {
        info.Version(0, 0);
        info.Skip((info.U8() & 1) != 0 ? 2 : 0);
        var (heapAddress, tree) = (info.Address(), info.Address());
        if (heapAddress < 0)
        {
            return null;
        }

        const int IdLength = 8;
        var heap = Hdf5FractalHeap.Read(source, heapAddress);
        foreach (var (start, length) in Hdf5BTree.Records(source, tree, 8))
        {
            var record = source.Slice(start, length, "an attribute's record");
            var flags = source.Slice(start + IdLength, 1, "an attribute's record").U8();
            if ((flags & 2) != 0)
            {
                throw new InvalidDataException(
                    "an attribute is kept in a table of shared messages, which is not read; rewrite the file with h5repack.");
            }

            if (Read(heap.Open(record, "an attribute"), name) is { } texts)
            {
                return texts;
            }
        }

        return null;
    }

    private string[]? Read(Hdf5Cursor message, string name)
    {
        var version = message.Version(1, 3);
        var flags = message.U8();
        var (nameSize, typeSize, spaceSize) = (message.U16(), message.U16(), message.U16());
        message.Skip(version == 3 ? 1 : 0);
        var bytes = message.Take(nameSize);
        if (Encoding.UTF8.GetString(bytes.TrimEnd((byte)0)) != name)
        {
            return null;
        }

        Align(ref message);
        var typeAt = message.Place;
        message.Skip(typeSize);
        Align(ref message);
        var spaceAt = message.Place;
        message.Skip(spaceSize);
        Align(ref message);
        var type = Hdf5Datatype.Read(Part(Hdf5MessageType.Datatype, typeAt, typeSize, version > 1 && (flags & 1) != 0));
        var shape = Hdf5Dataspace.Read(Part(Hdf5MessageType.Dataspace, spaceAt, spaceSize, version > 1 && (flags & 2) != 0));
        return Texts(message, type, shape);

        void Align(ref Hdf5Cursor cursor)
        {
            if (version == 1)
            {
                cursor.Align();
            }
        }
    }

    private Hdf5Cursor Part(Hdf5MessageType type, int start, int length, bool isShared) =>
        isShared
            ? Hdf5Object.Shared(source, type, start, length, "an attribute's type")
            : source.Slice(start, length, "an attribute's type");

    private string[] Texts(Hdf5Cursor data, Hdf5Datatype type, long[] shape)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            count = size < 0 ? long.MaxValue : size == 0 ? 0 : Math.Min(count, int.MaxValue) * Math.Min(size, int.MaxValue);
        }

        if (count == 0)
        {
            return [];
        }

        if (!type.IsText && !type.IsVariableText)
        {
            throw new InvalidDataException($"it is not text, but {type.What}.");
        }

        if (count > data.Left / type.Size)
        {
            throw new InvalidDataException($"it declares {count} texts of {type.Size} bytes, more than it has.");
        }

        source.Claim(32 * count);
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            texts[i] = type.IsText ? Decode(Trimmed(data.Take(type.Size), type.IsSpaced)) : Variable(ref data);
        }

        return texts;
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> bytes, bool isSpaced)
    {
        var end = bytes.IndexOf((byte)0);
        return isSpaced ? bytes.TrimEnd((byte)' ') : end < 0 ? bytes : bytes[..end];
    }

    /// <summary>A text in a collection of texts, found by its number there.</summary>
    private string Variable(ref Hdf5Cursor data)
    {
        var length = data.U32();
        var (address, index) = (data.Address(), data.U32());
        if (length == 0)
        {
            return "";
        }

        var collection = source.At(address, "a collection of texts");
        collection.Mark("GCOL"u8);
        collection.Version(1, 1);
        collection.Skip(3);
        var size = collection.Size();
        var objects = source.Slice(collection.Place, Math.Min(size < 0 ? 0 : size, collection.Left), "a collection of texts");
        while (objects.Left >= 8 + source.LengthSize)
        {
            var number = objects.U16();
            objects.Skip(6);
            var bytes = objects.Size();
            if (number == 0)
            {
                break;
            }

            if (number == index)
            {
                return bytes >= length ? Decode(objects.Take(length)) : throw new InvalidDataException("a text is shorter than it says.");
            }

            objects.Skip(bytes < 0 ? -1 : Math.Min(objects.Left, (bytes + 7) / 8 * 8));
            source.Step();
        }

        throw new InvalidDataException($"the text {index} is not in its collection.");
    }

    private string Decode(ReadOnlySpan<byte> bytes)
    {
        source.Claim(2L * bytes.Length);
        return Encoding.UTF8.GetString(bytes);
    }
}
