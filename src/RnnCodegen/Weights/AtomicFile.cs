namespace RnnCodegen;

/// <summary>Files that are replaced whole or not at all.</summary>
internal static class AtomicFile
{
    private const string TemporaryEnd = ".tmp";

    /// <summary>
    /// Writes a file: first beside the target under a temporary name, then, once it is on the disk, in its place. Readers see the old file or the
    /// new one, never a part.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">It cannot be written; an existing file is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}{TemporaryEnd}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Deletes what processes that were killed while they wrote a file left beside it. No other may be writing it.</summary>
    /// <exception cref="IOException">There is no such folder, or something cannot be deleted.</exception>
    public static void DeleteLeftovers(string path)
    {
        var full = Path.GetFullPath(path);
        var start = Path.GetFileName(full) + ".";
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(full)!))
        {
            var name = Path.GetFileName(file);
            if (name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(TemporaryEnd, StringComparison.Ordinal)
                && Guid.TryParseExact(name.AsSpan(start.Length, Math.Max(0, name.Length - start.Length - TemporaryEnd.Length)), "N", out _))
            {
                File.Delete(file);
            }
        }
    }
}
