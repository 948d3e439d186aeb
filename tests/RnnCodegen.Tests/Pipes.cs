using System.Runtime.InteropServices;
using Xunit;

namespace RnnCodegen.Tests;

/// <summary>Named pipes that nobody writes to: who opens one waits.</summary>
internal static class Pipes
{
    /// <summary>After which somebody is taken to wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Why none can be made here; null where they can.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>Makes one.</summary>
    public static void Make(string path) => Assert.Equal(0, MakePipe(path, 0x180));

    private static string? FindMissing()
    {
        if (OperatingSystem.IsWindows())
        {
            return "Windows has no named pipes among its files.";
        }

        var folder = Directory.CreateTempSubdirectory("rnn");
        try
        {
            return MakePipe(Path.Combine(folder.FullName, "pipe"), 0x180) == 0
                ? null
                : "No named pipe can be made in the folder for temporary files.";
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return $"This system has no mkfifo: {e.Message}";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [DllImport("libc", EntryPoint = "mkfifo")]
    private static extern int MakePipe([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}

/// <summary>A test that makes named pipes; skipped with the reason where there are none.</summary>
internal sealed class PipeFactAttribute : FactAttribute
{
    public PipeFactAttribute() => Skip = Pipes.Missing;
}

/// <summary>A test that makes named pipes; skipped with the reason where there are none.</summary>
internal sealed class PipeTheoryAttribute : TheoryAttribute
{
    public PipeTheoryAttribute() => Skip = Pipes.Missing;
}
