using System.IO.MemoryMappedFiles;

namespace RnnCodegen;

/// <summary>A file that the operating system shows as memory, to be read.</summary>
internal sealed unsafe class FileMapping : IDisposable
{
    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private bool _closed;

    private FileMapping(string path, MemoryMappedFile file, long length)
    {
        (_path, _file, Length) = (path, file, length);
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer + _view.PointerOffset;
    }

    /// <summary>The first byte.</summary>
    public byte* Pointer { get; }

    /// <summary>Bytes of the file when it was mapped.</summary>
    public long Length { get; }

    /// <summary>Maps an open file and owns it from here on.</summary>
    /// <param name="path">The file's path, for messages.</param>
    /// <param name="stream">The file, of at least one byte.</param>
    public static FileMapping Open(string path, FileStream stream)
    {
        MemoryMappedFile? file = null;
        try
        {
            var length = stream.Length;
            file = MemoryMappedFile.CreateFromFile(
                stream, mapName: null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new FileMapping(path, file, length);
        }
        catch
        {
            file?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Refuses the use of memory that is no more.</summary>
    public void RequireOpen()
    {
        if (_closed)
        {
            throw new ObjectDisposedException(_path, $"'{_path}' is no longer mapped: read its tensors before you dispose the file.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
