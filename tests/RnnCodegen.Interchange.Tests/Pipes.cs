using System.Runtime.InteropServices;
using Xunit;

namespace RnnCodegen.Interchange.Tests;

/// <summary>Named pipes that nobody writes to: who opens one waits.</summary>
internal static class Pipes
{
    /// <summary>After which somebody is taken to wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Makes one; false where the system has none.</summary>
    public static bool TryMake(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        Assert.Equal(0, MakePipe(path, 0x180));
        return true;
    }

    [DllImport("libc", EntryPoint = "mkfifo")]
    private static extern int MakePipe([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
