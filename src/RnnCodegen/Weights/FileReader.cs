namespace RnnCodegen;

/// <summary>
/// A file that is read from its start to its end and must stay as it is meanwhile. Nobody can keep another program from writing to it, but
/// what was read then may be half of the old and half of the new, so that is an error.
/// </summary>
internal sealed class FileReader : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly DateTime _written;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be read, or is no file; see <see cref="RegularFile"/>.</exception>
    public FileReader(string path)
    {
        _path = path;
        _stream = RegularFile.OpenRead(path, bufferSize: 0, FileOptions.SequentialScan);
        Length = _stream.Length;
        _written = File.GetLastWriteTimeUtc(_stream.SafeFileHandle);
    }

    /// <summary>Bytes of the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="IOException">It cannot be read, is no file, is larger
    /// than an array can be, or changed while it was read.</exception>
    public static byte[] ReadAll(string path)
    {
        using var file = new FileReader(path);
        if (file.Length > Array.MaxLength)
        {
            throw new IOException($"'{path}' has {file.Length} bytes; at most {Array.MaxLength} can be read.");
        }

        var bytes = GC.AllocateUninitializedArray<byte>((int)file.Length);
        file.Read(bytes);
        file.End();
        return bytes;
    }

    /// <summary>Reads the bytes that come next.</summary>
    /// <exception cref="IOException">There are fewer: the file became shorter.</exception>
    public void Read(Span<byte> target)
    {
        if (_stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
        {
            throw Changed();
        }
    }

    /// <summary>Looks at the end, once all was read, whether the file is still what it was at the start.</summary>
    /// <exception cref="IOException">It is not.</exception>
    public void End()
    {
        if (_stream.Length != Length || File.GetLastWriteTimeUtc(_stream.SafeFileHandle) != _written)
        {
            throw Changed();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private IOException Changed() => new(
        $"'{_path}' was written to while it was read, and what was read may be part old, part new. Nothing was changed by it; " +
        "read it again, and let its writer replace it whole: write another file beside it and rename that.");
}
