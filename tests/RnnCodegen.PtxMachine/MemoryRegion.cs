namespace RnnCodegen.PtxMachine;

/// <summary>An allocation: bytes, which of them were written, and who touched each word in this launch.</summary>
internal sealed class MemoryRegion(string name, ulong start, int length)
{
    private readonly bool[] _written = new bool[length];
    private AccessHistory[] _history = [];

    /// <summary>What it is called in messages.</summary>
    public string Name => name;

    /// <summary>Address of its first byte.</summary>
    public ulong Start => start;

    /// <summary>Its bytes.</summary>
    public byte[] Bytes { get; } = new byte[length];

    /// <summary>Marks bytes as written, by the host or an initial value.</summary>
    public void MarkWritten(int offset, int count) => _written.AsSpan(offset, count).Fill(true);

    /// <summary>Whether bytes were written.</summary>
    public bool IsWritten(int offset, int count) => !_written.AsSpan(offset, count).Contains(false);

    /// <summary>Forgets who touched what: a launch is over.</summary>
    public void BeginLaunch() => _history = [];

    /// <summary>Reads up to 8 bytes.</summary>
    public ulong Read(PtxThread thread, int offset, int size)
    {
        if (!IsWritten(offset, size))
        {
            throw thread.Fault(FaultKind.Uninitialized, $"reads {size} bytes at {offset} of {name}, which nobody wrote");
        }

        for (var word = offset / 4; word <= (offset + size - 1) / 4; word++)
        {
            if (History(word).Read(thread) is { } other)
            {
                throw Race(thread, "reads", other, offset);
            }
        }

        ulong value = 0;
        for (var i = size - 1; i >= 0; i--)
        {
            value = (value << 8) | Bytes[offset + i];
        }

        return value;
    }

    /// <summary>Writes up to 8 bytes.</summary>
    public void Write(PtxThread thread, int offset, int size, ulong value)
    {
        for (var word = offset / 4; word <= (offset + size - 1) / 4; word++)
        {
            if (History(word).Write(thread) is { } other)
            {
                throw Race(thread, "writes", other, offset);
            }
        }

        MarkWritten(offset, size);
        for (var i = 0; i < size; i++)
        {
            Bytes[offset + i] = (byte)(value >> (8 * i));
        }
    }

    private ref AccessHistory History(int word)
    {
        if (_history.Length == 0)
        {
            _history = new AccessHistory[(Bytes.Length + 3) / 4];
        }

        return ref _history[word];
    }

    private PtxFault Race(PtxThread thread, string does, PtxThread other, int offset) => thread.Fault(
        FaultKind.Race, $"{does} {name} at {offset}, which {other} has touched, one of them writing, with no barrier between them");
}
