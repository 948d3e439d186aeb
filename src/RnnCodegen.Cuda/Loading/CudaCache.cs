using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RnnCodegen.Cuda;

/// <summary>
/// Compiled device code on disk. Of each file the head says how long the rest is and what its hash is, so that a damaged one counts as
/// none. Files are replaced whole, so several processes may use a folder; what cannot be read or written is no error.
/// </summary>
internal sealed class CudaCache
{
    private const int HeadBytes = 8 + 8 + SHA256.HashSizeInBytes;
    private readonly string? _folder;

    public CudaCache(CudaOptions options, Func<string, string?> variable) =>
        _folder = !options.UseCache ? null : options.CacheFolder ?? Default(variable);

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

        try
        {
            var all = RegularFile.ReadAllBytes(PathOf(_folder, key));
            return all.Length >= HeadBytes && Head(all.AsSpan(HeadBytes)).AsSpan().SequenceEqual(all.AsSpan(0, HeadBytes))
                ? all[HeadBytes..]
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps something, if that can be done.</summary>
    public void TryWrite(string key, byte[] image)
    {
        if (_folder is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(_folder);
            AtomicFile.Write(PathOf(_folder, key), stream =>
            {
                stream.Write(Head(image));
                stream.Write(image);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is compiled again at the next start.
        }
    }

    private static string PathOf(string folder, string key) => Path.Combine(folder, key + ".bin");

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
