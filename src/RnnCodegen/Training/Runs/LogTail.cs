using System.Text;

namespace RnnCodegen;

/// <summary>Reads a log's lines from its end, without reading the whole.</summary>
internal static class LogTail
{
    private const byte LineFeed = (byte)'\n';
    private const int Part = 4096;

    /// <summary>
    /// The file's length without the lines at its end that are to be dropped, and without one that was not written to its end.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="drops">Whether a line is to be dropped; asked of the last one first, until one is not.</param>
    public static long FindEnd(FileStream file, Predicate<string> drops)
    {
        var end = StartOfLine(file, file.Length);
        while (end > 0)
        {
            var start = StartOfLine(file, end - 1);
            if (!drops(Read(file, start, (int)(end - 1 - start)).TrimEnd('\r')))
            {
                break;
            }

            end = start;
        }

        return end;
    }

    /// <summary>The first line, of which a log's is short; of a longer one its beginning.</summary>
    public static string FirstLine(FileStream file) => Read(file, 0, (int)Math.Min(file.Length, 16 * Part)).Split('\n')[0].TrimEnd('\r');

    /// <summary>Whether the last line has an end.</summary>
    public static bool EndsLine(FileStream file) => StartOfLine(file, file.Length) == file.Length;

    /// <summary>Where the line starts that a position is in, or at the end of.</summary>
    private static long StartOfLine(FileStream file, long position)
    {
        Span<byte> memory = stackalloc byte[Part];
        while (position > 0)
        {
            var part = memory[..(int)Math.Min(Part, position)];
            Fill(file, part, position - part.Length);
            if (part.LastIndexOf(LineFeed) is >= 0 and var found)
            {
                return position - part.Length + found + 1;
            }

            position -= part.Length;
        }

        return 0;
    }

    private static string Read(FileStream file, long start, int length)
    {
        var bytes = new byte[length];
        Fill(file, bytes, start);
        return Encoding.UTF8.GetString(bytes);
    }

    private static void Fill(FileStream file, Span<byte> memory, long offset)
    {
        for (var done = 0; done < memory.Length;)
        {
            var read = RandomAccess.Read(file.SafeFileHandle, memory[done..], offset + done);
            done += read > 0 ? read : throw new EndOfStreamException($"'{file.Name}' became shorter while it was read.");
        }
    }
}
