using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen;

/// <summary>Files that are replaced whole or not at all.</summary>
internal static class AtomicFile
{
    private const string TemporaryEnd = ".tmp";

    /// <summary>Bytes that the name of a file may have on common file systems, less those that a temporary name adds.</summary>
    private const int MaxStart = 255 - 1 - 32 - 4;

    private const UnixFileMode AnyWrite = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>
    /// Writes a file: first beside the target under a temporary name, then, once it is on the disk, in its place. Readers see the old file
    /// or the new one, never a part. Where the path is a symbolic link, the file that it leads to is written, and the link stays;
    /// permissions of an existing file stay on Unix, and a new one has the usual ones.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">
    /// It cannot be written, or is a folder, a pipe or a device; an existing file is as it was.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The file is read-only, or its folder may not be written to.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var target = RequireWritable(path);
        var temporary = $"{Start(target)}.{Guid.NewGuid():N}{TemporaryEnd}";
        using var stream = Create(temporary, ModeOf(target));
        try
        {
            write(stream);
            stream.Flush(flushToDisk: true);
            stream.Dispose();
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            stream.Dispose();
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes a text as UTF-8, see <see cref="Write(string, Action{Stream})"/>.</summary>
    public static void Write(string path, string text) => Write(path, stream => stream.Write(new UTF8Encoding(false).GetBytes(text)));

    /// <summary>Refuses a path at which no file can be put without doing harm, and returns where its links lead.</summary>
    /// <exception cref="IOException">There is a folder, a pipe or a device.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is read-only.</exception>
    public static string RequireWritable(string path)
    {
        RegularFile.Require(path);
        var target = Target(path);

        // Putting another file in its place asks for no permission of the file's own, so that has to be asked for here.
        return !File.Exists(target) || IsWritable(target)
            ? target
            : throw new UnauthorizedAccessException(
                $"'{path}' is read-only and was left as it is: make it writable, or write another file.");
    }

    /// <summary>
    /// Makes an empty file with the permissions of another, where the system has them and the other exists; nobody can open it before it
    /// has them.
    /// </summary>
    /// <exception cref="IOException">There is such a file, or it cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder may not be written to.</exception>
    public static void CreateLike(string path, string other)
    {
        using var stream = Create(path, ModeOf(other));
    }

    /// <summary>Deletes what processes that were killed while they wrote a file left beside it. No other may be writing it.</summary>
    /// <exception cref="IOException">There is no such folder, or something cannot be deleted.</exception>
    public static void DeleteLeftovers(string path)
    {
        var full = Target(path);
        var start = Path.GetFileName(Start(full)) + ".";
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

    /// <summary>A file's permissions; null where there is none, or the system has no such thing.</summary>
    private static UnixFileMode? ModeOf(string path) => OperatingSystem.IsWindows() || !File.Exists(path)
        ? null
        : File.GetUnixFileMode(path);

#pragma warning disable RS0030 // This is the replacement.
    /// <summary>Makes a file that is not there yet, from the start with the permissions given, or the usual ones.</summary>
    private static FileStream Create(string path, UnixFileMode? mode)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0
        };
        if (mode is not { } wanted || OperatingSystem.IsWindows())
        {
            return new FileStream(path, options);
        }

        // What the user's mask takes away has to be given back, and until then nobody else reads it.
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var stream = new FileStream(path, options);
        try
        {
            File.SetUnixFileMode(stream.SafeFileHandle, wanted);
            return stream;
        }
        catch
        {
            stream.Dispose();
            File.Delete(path);
            throw;
        }
    }
#pragma warning restore RS0030

    /// <summary>The file that a path leads to over all symbolic links; it need not exist.</summary>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    private static string Target(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    /// <summary>
    /// Whether a file may be written. Its owner's mark that nobody shall holds for an administrator too, as it does on Windows.
    /// </summary>
    private static bool IsWritable(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return (File.GetAttributes(path) & FileAttributes.ReadOnly) == 0;
        }

        try
        {
            return (File.GetUnixFileMode(path) & AnyWrite) != 0 && Access(Encoding.UTF8.GetBytes(path + "\0"), mode: 2) == 0;
        }
        catch (TypeLoadException)
        {
            // There is no such library or call, and no users to tell apart.
            return true;
        }
    }

    /// <summary>A path as temporary names start: its own, cut where they would be longer than a name can be.</summary>
    private static string Start(string path)
    {
        var name = Path.GetFileName(path);
        while (Encoding.UTF8.GetByteCount(name) > MaxStart)
        {
            name = name[..^(char.IsLowSurrogate(name[^1]) && name.Length > 1 ? 2 : 1)];
        }

        return Path.Combine(Path.GetDirectoryName(path)!, name);
    }

    /// <summary>
    /// The runtime's own call for what a user may do with a file:
    /// <see cref="FileAttributes.ReadOnly"/> takes an administrator for a stranger.
    /// </summary>
    [DllImport("libSystem.Native", EntryPoint = "SystemNative_Access")]
    private static extern int Access(byte[] path, int mode);
}
