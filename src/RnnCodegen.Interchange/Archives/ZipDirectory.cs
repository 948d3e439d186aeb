using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace RnnCodegen.Interchange;

/// <summary>Reads and checks the directory at the end of a zip archive, with 64-bit sizes, and the header before each entry.</summary>
internal sealed class ZipDirectory(string file, Stream stream)
{
    private const uint EndSignature = 0x06054B50;
    private const uint End64LocatorSignature = 0x07064B50;
    private const uint End64Signature = 0x06064B50;
    private const uint EntrySignature = 0x02014B50;
    private const uint LocalSignature = 0x04034B50;
    private const int EndLength = 22;
    private const int End64LocatorLength = 20;
    private const int End64Length = 56;
    private const int EntryLength = 46;
    private const int LocalLength = 30;
    private const int MaxLength = 64 << 20;
    private const ushort Size64 = 1;
    private const int Stored = 0;
    private const int Deflated = 8;

    /// <summary>Encrypted, patch data, strongly encrypted, masked.</summary>
    private const int RefusedFlags = 0x1 | 0x20 | 0x40 | 0x2000;

    /// <summary>Deflate cannot make fewer bytes of more than this.</summary>
    private const int MaxRatio = 1032;

    private static readonly UTF8Encoding Names = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly long _fileLength = stream.Length;

    /// <summary>Where the directory is.</summary>
    private readonly record struct Place(long Start, long Length, long Count);

    /// <summary>The entries in the order of the directory.</summary>
    /// <param name="limit">Bytes that compressed entries may unpack to, together.</param>
    public SafeZipEntry[] Read(long limit)
    {
        var place = Find();
        var bytes = ReadAt(place.Start, (int)place.Length);
        var entries = new List<SafeZipEntry>();
        var position = 0;
        for (var i = 0L; i < place.Count; i++)
        {
            if (ReadEntry(bytes, ref position, place.Start) is { } entry)
            {
                entries.Add(entry);
            }
        }

        if (position != bytes.Length)
        {
            throw Bad($"the zip directory has {bytes.Length} bytes, but its {place.Count} entries take {position}.");
        }

        CheckOverlap(entries);
        CheckTotal(entries, limit);
        return [.. entries];
    }

    private Place Find()
    {
        // The record is followed by a comment of at most 65,535 bytes; it is the last one whose comment ends with the file.
        var tail = ReadAt(Math.Max(0, _fileLength - EndLength - ushort.MaxValue), (int)Math.Min(_fileLength, EndLength + ushort.MaxValue));
        var at = tail.Length - EndLength;
        while (at >= 0 && !(U32(tail, at) == EndSignature && at + EndLength + U16(tail, at + 20) == tail.Length))
        {
            at--;
        }

        if (at < 0)
        {
            throw Bad("there is no zip directory at its end: this is not a zip archive, or it is truncated.");
        }

        var end = _fileLength - tail.Length + at;
        var place = new Place(U32(tail, at + 16), U32(tail, at + 12), U16(tail, at + 10));
        if (U16(tail, at + 4) is not (0 or ushort.MaxValue) || U16(tail, at + 6) is not (0 or ushort.MaxValue))
        {
            throw Bad("the zip archive is one of several parts.");
        }

        if (end >= End64LocatorLength && ReadAt(end - End64LocatorLength, End64LocatorLength) is var locator
            && U32(locator, 0) == End64LocatorSignature)
        {
            (place, end) = Find64(locator, end - End64LocatorLength);
        }

        // Each entry takes more bytes than its fixed part, so the count bounds no memory by itself.
        if (place.Start < 0 || place.Length < 0 || place.Length > end - place.Start || place.Count > place.Length / EntryLength)
        {
            throw Bad(
                $"the zip directory claims {place.Count} entries in {place.Length} bytes from byte {place.Start} on, but ends at " +
                $"byte {end}.");
        }

        return place.Length <= MaxLength ? place : throw Bad($"the zip directory has {place.Length} bytes; at most {MaxLength} are read.");
    }

    private (Place Place, long End) Find64(byte[] locator, long locatorStart)
    {
        var at = I64(locator, 8);
        if (at >= 0 && at <= locatorStart - End64Length)
        {
            var record = ReadAt(at, End64Length);
            if (U32(record, 0) == End64Signature)
            {
                return (new Place(I64(record, 48), I64(record, 40), I64(record, 32)), at);
            }
        }

        throw Bad($"the zip archive's 64-bit end record is not at byte {at}, where its locator says.");
    }

    private SafeZipEntry? ReadEntry(byte[] bytes, ref int position, long directoryStart)
    {
        var at = position;
        if (at > bytes.Length - EntryLength || U32(bytes, at) != EntrySignature)
        {
            throw Bad($"the zip directory is corrupt at its byte {at}.");
        }

        var (nameLength, extraLength, commentLength) = (U16(bytes, at + 28), U16(bytes, at + 30), U16(bytes, at + 32));
        if (nameLength + extraLength + commentLength > bytes.Length - at - EntryLength)
        {
            throw Bad($"the zip directory is truncated at its byte {at}.");
        }

        position = at + EntryLength + nameLength + extraLength + commentLength;
        var rawName = bytes.AsSpan(at + EntryLength, nameLength);
        var name = ReadName(rawName);
        int flags = U16(bytes, at + 8), method = U16(bytes, at + 10);
        if ((flags & RefusedFlags) != 0)
        {
            throw Bad($"entry '{name}' is encrypted or patch data, which is not read.");
        }

        if (method is not (Stored or Deflated))
        {
            throw Bad($"entry '{name}' is compressed by method {method}; only stored (0) and deflated (8) entries are read.");
        }

        long length = U32(bytes, at + 24), packed = U32(bytes, at + 20), local = U32(bytes, at + 42);
        Read64(name, bytes.AsSpan(at + EntryLength + nameLength, extraLength), ref length, ref packed, ref local);
        if (method == Stored ? length != packed : length > packed * MaxRatio)
        {
            throw Bad($"entry '{name}' declares {length} bytes in {packed} stored ones, which cannot be.");
        }

        var start = FindData(name, rawName, method, local, packed, directoryStart);
        if (name.EndsWith('/'))
        {
            return length == 0 ? null : throw Bad($"entry '{name}' is a folder with {length} bytes.");
        }

        return new SafeZipEntry(name, length, start, packed, method == Deflated, U32(bytes, at + 16));
    }

    /// <summary>Takes from the extra field the sizes that do not fit into 32 bits, in their fixed order.</summary>
    private void Read64(string name, ReadOnlySpan<byte> extra, ref long length, ref long packed, ref long local)
    {
        var values = ReadOnlySpan<byte>.Empty;
        while (extra.Length >= 4)
        {
            int size = ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4)
            {
                throw Bad($"entry '{name}' has a truncated extra field.");
            }

            values = ReadUInt16LittleEndian(extra) == Size64 ? extra.Slice(4, size) : values;
            extra = extra[(4 + size)..];
        }

        Take(ref length, ref values);
        Take(ref packed, ref values);
        Take(ref local, ref values);

        void Take(ref long value, ref ReadOnlySpan<byte> values)
        {
            if (value != uint.MaxValue)
            {
                return;
            }

            value = values.Length >= sizeof(long) ? ReadInt64LittleEndian(values) : -1;
            if (value < 0)
            {
                throw Bad($"entry '{name}' lacks its 64-bit sizes.");
            }

            values = values[sizeof(long)..];
        }
    }

    /// <summary>Where the entry's bytes start, once the header before them has agreed with the directory.</summary>
    private long FindData(string name, ReadOnlySpan<byte> rawName, int method, long local, long packed, long directoryStart)
    {
        if (local > directoryStart - LocalLength - rawName.Length)
        {
            throw Bad($"entry '{name}' is said to start at byte {local}, behind the last place for it.");
        }

        var header = ReadAt(local, LocalLength + rawName.Length);
        if (U32(header, 0) != LocalSignature)
        {
            throw Bad($"entry '{name}' is said to start at byte {local}, but no entry does.");
        }

        if ((U16(header, 6) & RefusedFlags) != 0 || U16(header, 8) != method || U16(header, 26) != rawName.Length
            || !header.AsSpan(LocalLength).SequenceEqual(rawName))
        {
            throw Bad($"entry '{name}' differs from the header at byte {local} in name, method or encryption.");
        }

        var start = local + header.Length + U16(header, 28);
        return packed <= directoryStart - start
            ? start
            : throw Bad($"entry '{name}' takes {packed} bytes from byte {start} on, more than the {directoryStart} before the directory.");
    }

    private string ReadName(ReadOnlySpan<byte> raw)
    {
        string name;
        try
        {
            name = Names.GetString(raw);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"'{file}': an entry's name is not valid UTF-8: {Convert.ToHexString(raw)}.", e);
        }

        // Programs on Windows write backslashes, and names that start at the folder itself.
        var plain = name.Replace('\\', '/');
        if (plain.Length == 0 || plain[0] == '/' || plain.IndexOfAny(['\0', ':']) >= 0 || plain.Split('/').Contains(".."))
        {
            throw Bad($"entry '{name.Replace('\0', '?')}' has a name that leads out of the archive.");
        }

        return string.Join('/', plain.Split('/').Where(part => part != "."));
    }

    private void CheckOverlap(List<SafeZipEntry> entries)
    {
        var (end, before) = (0L, "");
        foreach (var entry in entries.OrderBy(e => e.Offset).ThenBy(e => e.StoredLength))
        {
            if (entry.Offset < end)
            {
                throw Bad($"entry '{entry.Name}' starts at byte {entry.Offset}, within '{before}'.");
            }

            (end, before) = (entry.Offset + entry.StoredLength, entry.Name);
        }
    }

    private void CheckTotal(List<SafeZipEntry> entries, long limit)
    {
        // What is stored is bounded by the file's size already.
        var total = Int128.Zero;
        foreach (var entry in entries.Where(e => e.IsDeflated))
        {
            total += entry.Length;
        }

        if (total > limit)
        {
            throw Bad($"the zip archive unpacks to {total} bytes, more than the {limit} that are read.");
        }
    }

    private byte[] ReadAt(long offset, int count)
    {
        var bytes = new byte[count];
        stream.Position = offset;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static int U16(byte[] bytes, int at) => ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint U32(byte[] bytes, int at) => ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static long I64(byte[] bytes, int at) => ReadInt64LittleEndian(bytes.AsSpan(at));

    private InvalidDataException Bad(string what) => new($"'{file}': {what}");
}
