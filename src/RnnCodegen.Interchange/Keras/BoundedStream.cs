using System.Runtime.CompilerServices;

namespace RnnCodegen.Interchange;

/// <summary>
/// A file in memory, as a stream that bounds what a reader may do with it: bytes and calls in all, and the depth of its recursion. A damaged HDF5 file
/// can send its reader round in circles; every round reads, so it ends here.
/// </summary>
internal sealed class BoundedStream(byte[] bytes) : Stream
{
    private const long CallLimit = 8_000_000;

    private readonly long _byteLimit = (16L * bytes.Length) + (64 << 20);
    private long _position;
    private long _calls;

    /// <summary>Bytes that were read so far.</summary>
    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => bytes.Length;

    public override long Position
    {
        get => _position;
        set => _position = value is >= 0 && value <= bytes.Length
            ? value
            : throw new InvalidDataException($"it points to byte {value}, but has {bytes.Length}.");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (buffer.Length > bytes.Length - _position)
        {
            throw new InvalidDataException($"{buffer.Length} bytes at {_position} are outside of its {bytes.Length}.");
        }

        BytesRead += buffer.Length;
        if (++_calls > CallLimit || BytesRead > _byteLimit)
        {
            throw new InvalidDataException("its structure leads in circles.");
        }

        bytes.AsSpan((int)_position, buffer.Length).CopyTo(buffer);
        _position += buffer.Length;
        return buffer.Length;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => bytes.Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
