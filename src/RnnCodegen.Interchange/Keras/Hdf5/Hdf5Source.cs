using System.Buffers.Binary;
using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>
/// The bytes of an HDF5 file from a stranger, and what may be spent on them: structures to be looked at, which ends a file that leads in
/// circles, and memory, which is at most 256 MiB beyond a multiple of the file, whatever its headers claim.
/// </summary>
internal sealed class Hdf5Source(byte[] bytes)
{
    private const int StepLimit = 8_000_000;
    private const long MemoryBeyond = 192L << 20;

    private long _memory = MemoryBeyond + (4L * bytes.Length);
    private int _steps;

    /// <summary>Bytes of an address, as the file's first structure says it.</summary>
    public int OffsetSize { get; set; } = 8;

    /// <summary>Bytes of a length.</summary>
    public int LengthSize { get; set; } = 8;

    /// <summary>Where address 0 is in the file.</summary>
    public long Base { get; set; }

    /// <summary>The file's length.</summary>
    public int Length => bytes.Length;

    /// <summary>Starts to read a structure at an address.</summary>
    /// <param name="address">The address, from <see cref="Base"/> on.</param>
    /// <param name="what">What stands there, for messages.</param>
    public Hdf5Cursor At(long address, string what)
    {
        if (address < 0 || address > bytes.Length - Base)
        {
            throw new InvalidDataException($"{what} is said to be at byte {address}, outside of the file's {bytes.Length} bytes.");
        }

        return Slice(Base + address, bytes.Length - (Base + address), what);
    }

    /// <summary>Starts to read bytes of a structure that was found.</summary>
    public Hdf5Cursor Slice(long start, long length, string what)
    {
        Step();
        return start >= 0 && length >= 0 && start <= bytes.Length - length
            ? new Hdf5Cursor(this, bytes.AsSpan((int)start, (int)length), (int)start, what)
            : throw new InvalidDataException(
                $"{what} takes {length} bytes from byte {start} on, more than the file's {bytes.Length} bytes have.");
    }

    /// <summary>Counts a structure that is looked at.</summary>
    /// <exception cref="InvalidDataException">There were too many.</exception>
    public void Step()
    {
        if (++_steps > StepLimit)
        {
            throw new InvalidDataException("its structure leads in circles.");
        }
    }

    /// <summary>Takes memory from what may be spent.</summary>
    /// <exception cref="InvalidDataException">It is more than is left.</exception>
    public void Claim(long count)
    {
        if (count < 0 || (_memory -= count) < 0)
        {
            throw new InvalidDataException($"it declares {count} bytes of values, more than a file of {bytes.Length} bytes may ask for.");
        }
    }
}

/// <summary>Reads a structure's fields one after the other, never behind its end; numbers are little-endian.</summary>
internal ref struct Hdf5Cursor(Hdf5Source source, ReadOnlySpan<byte> bytes, int start, string what)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    /// <summary>The next field's place in the file.</summary>
    public readonly int Place => start + _position;

    /// <summary>Bytes that are left.</summary>
    public readonly int Left => _bytes.Length - _position;

    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > Left)
        {
            throw new InvalidDataException($"{what} at byte {start} ends behind the file or the structure it is in.");
        }

        _position += (int)count;
        return _bytes.Slice(_position - (int)count, (int)count);
    }

    public void Skip(long count) => Take(count);

    /// <summary>Requires the mark that a structure starts with.</summary>
    public void Mark(ReadOnlySpan<byte> mark)
    {
        if (!Take(mark.Length).SequenceEqual(mark))
        {
            throw new InvalidDataException(
                $"{what} should be at byte {start}, but the mark {Encoding.ASCII.GetString(mark)} is not there.");
        }
    }

    /// <summary>Requires a version.</summary>
    public int Version(int lowest, int highest) => U8() is var version && version >= lowest && version <= highest
        ? version
        : throw new InvalidDataException($"{what} at byte {start} is of a version {version}, which is not read.");

    public int U8() => Take(1)[0];

    public int U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>A number of so many bytes; one that has more than 63 bits is -1.</summary>
    public long Number(int size)
    {
        var value = 0UL;
        var bytes = Take(size);
        for (var i = size - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value <= long.MaxValue ? (long)value : -1;
    }

    /// <summary>An address; -1 where the file says that there is none.</summary>
    public long Address()
    {
        var value = Number(source.OffsetSize);
        return source.OffsetSize < 8 && value == (1L << (8 * source.OffsetSize)) - 1 ? -1 : value;
    }

    /// <summary>A length or count.</summary>
    public long Size() => Number(source.LengthSize);

    /// <summary>Goes on at a multiple of 8 bytes from the structure's start.</summary>
    public void Align() => Skip(Math.Min((8 - (_position % 8)) % 8, Left));
}
