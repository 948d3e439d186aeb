using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>A file's data in memory that the garbage collector does not know: it is as large as the file, and soon given back.</summary>
internal sealed unsafe class FileCopy : IDisposable
{
    private const int Piece = 1 << 24;

    private FileCopy(long length) => Pointer = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, length));

    /// <summary>The first byte.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>Memory for so many bytes, whatever is in it.</summary>
    public static FileCopy Reserve(long length) => new(length);

    /// <summary>Reads so many bytes of a file.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static FileCopy Read(FileReader file, long length)
    {
        var copy = new FileCopy(length);
        try
        {
            for (long done = 0; done < length; done += Piece)
            {
                file.Read(new Span<byte>(copy.Pointer + done, (int)Math.Min(Piece, length - done)));
            }

            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
