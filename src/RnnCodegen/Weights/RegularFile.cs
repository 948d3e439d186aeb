using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen;

/// <summary>
/// Opens files of bytes, and nothing else: a pipe would be waited for, perhaps for ever, and a device may have no end. Also compiled into
/// the build's task and the importers.
/// </summary>
internal static unsafe class RegularFile
{
    private const int KindMask = 0xF000;
    private const int FolderKind = 0x4000;

    /// <summary>Whether the runtime's call answers as is expected of it: the root is a folder.</summary>
    private static readonly Lazy<bool> s_canAsk = new(() => Ask("/") == FolderKind);

    /// <summary>Opens a file for reading, shared with other readers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferSize">Bytes of the stream's buffer; 0 or 1 for none.</param>
    /// <param name="options">How it will be read.</param>
    /// <exception cref="IOException">There is none, it cannot be read, or it is a folder, a pipe, a socket or a device.</exception>
    public static FileStream OpenRead(string path, int bufferSize = 4096, FileOptions options = FileOptions.None)
    {
        Require(path);
#pragma warning disable RS0030 // This is the replacement.
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, Math.Max(1, bufferSize), options);
#pragma warning restore RS0030
        if (!stream.CanSeek)
        {
            // What only the open file tells: a pipe or a device of Windows.
            stream.Dispose();
            throw Refuse(path, "a pipe or a device");
        }

        return stream;
    }

    /// <summary>Reads all of a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">There is none, it cannot be read, or it is a folder, a pipe, a socket or a device.</exception>
    public static byte[] ReadAllBytes(string path)
    {
        using var stream = OpenRead(path, bufferSize: 1);
        var bytes = new byte[stream.Length];
        for (int read, place = 0; place < bytes.Length; place += read)
        {
            read = stream.Read(bytes, place, bytes.Length - place);
            if (read == 0)
            {
                throw new EndOfStreamException($"'{path}' became shorter while it was read.");
            }
        }

        return bytes;
    }

    /// <summary>Refuses what exists and is no file, without opening it.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <exception cref="IOException">It is a folder, a pipe, a socket or a device.</exception>
    public static void Require(string path)
    {
        if (WhatElse(path) is { } name)
        {
            throw Refuse(path, name);
        }
    }

    /// <summary>
    /// What is at a path and is no file: <c>a named pipe</c>; null where there is a file, nothing, or what only opening it tells.
    /// </summary>
    public static string? WhatElse(string path)
    {
        var kind = Directory.Exists(path) ? FolderKind
            : RuntimeInformation.IsOSPlatform(OSPlatform.Windows) || !s_canAsk.Value ? 0
            : Ask(path);
        return kind switch
        {
            0x1000 => "a named pipe",
            0x2000 => "a device",
            FolderKind => "a folder",
            0x6000 => "a disk's device",
            0xC000 => "a socket",
            _ => null,
        };
    }

    private static IOException Refuse(string path, string what) =>
        new($"'{path}' is {what}, not a file." + (what == "a folder" ? "" : " Copy what it gives to a file, and name that."));

    /// <summary>The bits of a path's mode that say what it is; 0 where nothing is there or it cannot be told.</summary>
    private static int Ask(string path)
    {
        try
        {
            // A flag word and the mode start what the call fills in; the rest, some 120 bytes, is of no interest.
            var status = stackalloc int[64];
            fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"))
            {
                return Stat(text, status) == 0 ? status[1] & KindMask : 0;
            }
        }
        catch (TypeLoadException)
        {
            // There is no such library or call; what is opened is looked at then.
            return 0;
        }
    }

    /// <summary>
    /// The call by which the runtime itself asks what a path is, with one layout on each Unix, where stat's own differ. The public members
    /// that use it, such as <see cref="FileSystemInfo.Attributes"/>, do not pass on what tells a pipe from a file.
    /// </summary>
    [DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat")]
    private static extern int Stat(byte* path, int* status);
}
