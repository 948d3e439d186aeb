using System.IO.MemoryMappedFiles;

namespace RnnCodegen.Tests.Embedded;

/// <summary>A file in memory that cannot be written: a write ends the process, as it would inside an assembly.</summary>
internal sealed unsafe class ReadOnlyMemoryFile : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;

    /// <param name="bytes">The file.</param>
    /// <param name="shift">Bytes from a page's start to the file's.</param>
    public ReadOnlyMemoryFile(byte[] bytes, int shift = 0)
    {
        File.WriteAllBytes(_path, [.. new byte[shift], .. bytes]);
        _map = MemoryMappedFile.CreateFromFile(_path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start + shift;
        Length = bytes.Length;
    }

    public byte* Start { get; }

    public int Length { get; }

    public EmbeddedFile Open() => EmbeddedFile.At("test.safetensors", Start, Length, this);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
        File.Delete(_path);
    }
}
