using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RnnCodegen.Cuda;

/// <summary>
/// Compiled device code on disk. Of each file the head says how long the rest is and what its hash is, so that a damaged one counts as
/// none. Files are replaced whole, so several processes may use a folder; what cannot be read or written is no error. A file's time is that
/// of its last use, as many systems note no reading: where files have more bytes together than they may, the oldest are deleted.
/// </summary>
internal sealed class CudaCache
{
    private const int HeadBytes = 8 + 8 + SHA256.HashSizeInBytes;
    private const int KeyLength = 2 * SHA256.HashSizeInBytes;
    private const string End = ".bin";

    // Far longer than a file is written.
    private static readonly TimeSpan s_oldTemporary = TimeSpan.FromHours(1);

    private readonly string? _folder;
    private readonly long _limit;

    public CudaCache(CudaOptions options, Func<string, string?> variable) =>
        (_folder, _limit) = (!options.UseCache ? null : options.CacheFolder ?? Default(variable), options.CacheLimit);

    private static ReadOnlySpan<byte> Mark => "RNNCUDA1"u8;

    /// <summary>The name of what a compiler makes of a text.</summary>
    public static string Key(string text, string[] options, int compiler)
    {
        var all = string.Join('\0', [$"{compiler}", .. options, text]);
        return Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(all)));
    }

    /// <summary>What is kept under a name; null where nothing is, or not all of it.</summary>
    public byte[]? TryRead(string key)
    {
        if (_folder is null)
        {
            return null;
        }

        byte[]? all = null;
        Try(() => all = RegularFile.ReadAllBytes(PathOf(_folder, key)));
        if (all is null || all.Length < HeadBytes || !Head(all.AsSpan(HeadBytes)).AsSpan().SequenceEqual(all.AsSpan(0, HeadBytes)))
        {
            return null;
        }

        Try(() => File.SetLastWriteTimeUtc(PathOf(_folder, key), DateTime.UtcNow));
        return all[HeadBytes..];
    }

    /// <summary>Keeps something, if that can be done.</summary>
    public void TryWrite(string key, byte[] image)
    {
        if (_folder is null)
        {
            return;
        }

        Try(() =>
        {
            Directory.CreateDirectory(_folder);
            AtomicFile.Write(PathOf(_folder, key), stream =>
            {
                stream.Write(Head(image));
                stream.Write(image);
            });
            Prune(_folder, key + End);
        });
    }

    /// <summary>Deletes what was not used for longest, as far as there is too much, and what killed processes left half written.</summary>
    private void Prune(string folder, string newest)
    {
        var files = new List<(string Path, long Bytes, DateTime Used)>();
        var bytes = 0L;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            // Others read, write and delete meanwhile: a file that is gone is one less.
            Try(() =>
            {
                if (IsTemporary(file.Name))
                {
                    if (DateTime.UtcNow - file.LastWriteTimeUtc > s_oldTemporary)
                    {
                        file.Delete();
                    }
                }
                else if (IsOwn(file.Name))
                {
                    bytes += file.Length;
                    files.Add((file.FullName, file.Length, file.LastWriteTimeUtc));
                }
            });
        }

        foreach (var file in files.OrderBy(file => file.Used).ThenBy(file => file.Path, StringComparer.Ordinal))
        {
            if (bytes <= _limit)
            {
                return;
            }

            if (Path.GetFileName(file.Path) != newest)
            {
                Try(() =>
                {
                    File.Delete(file.Path);
                    bytes -= file.Bytes;
                });
            }
        }
    }

    /// <summary>Whether a name is that of compiled code. The folder may be one that others use too.</summary>
    private static bool IsOwn(ReadOnlySpan<char> name) =>
        name.Length == KeyLength + End.Length && name.EndsWith(End, StringComparison.Ordinal)
        && !name[..KeyLength].ContainsAnyExcept("0123456789abcdef");

    /// <summary>Whether a name is that of compiled code that is being written, see <see cref="AtomicFile"/>.</summary>
    private static bool IsTemporary(ReadOnlySpan<char> name) =>
        name.Length > KeyLength + End.Length && IsOwn(name[..(KeyLength + End.Length)]) && name.EndsWith(".tmp", StringComparison.Ordinal);

    // What fails is compiled again at the next start, or deleted at a later one.
    private static void Try(Action use)
    {
        try
        {
            use();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process was faster, or this one may not.
        }
    }

    private static string PathOf(string folder, string key) => Path.Combine(folder, key + End);

    private static byte[] Head(ReadOnlySpan<byte> image)
    {
        var head = new byte[HeadBytes];
        Mark.CopyTo(head);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(8), image.Length);
        SHA256.HashData(image, head.AsSpan(16));
        return head;
    }

    private static string? Default(Func<string, string?> variable)
    {
        if (OperatingSystem.IsWindows())
        {
            var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
            return local.Length == 0 ? null : Path.Combine(local, "RnnCodegen", "Cuda");
        }

        // An empty or relative XDG_CACHE_HOME counts as none.
        var cache = variable("XDG_CACHE_HOME") is { Length: > 0 } given && Path.IsPathRooted(given) ? given
            : variable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache")
            : null;
        return cache is null ? null : Path.Combine(cache, "rnncodegen", "cuda");
    }
}
