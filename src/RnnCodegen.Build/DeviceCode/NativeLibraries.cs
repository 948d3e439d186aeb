using System.Runtime.InteropServices;

namespace RnnCodegen.Build;

/// <summary>Loads libraries in every process that builds, one of .NET Framework too, which has no NativeLibrary.</summary>
internal static class NativeLibraries
{
    private static bool IsWindows => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    /// <summary>A library by its path, or by a name that the system looks for; 0 where it does not load.</summary>
    public static IntPtr TryLoad(string path)
    {
        try
        {
            // 2: what it needs is bound at once. 8: what it needs is looked for beside it too.
            return !IsWindows ? DlOpen(path, 2)
                : Path.IsPathRooted(path) ? LoadLibrary(path, IntPtr.Zero, 8)
                : LoadLibrary(path, IntPtr.Zero, 0);
        }
        catch (DllNotFoundException)
        {
            // A system with neither, where NVRTC is not either.
            return IntPtr.Zero;
        }
    }

    /// <summary>An entry point.</summary>
    /// <exception cref="MissingMethodException">The library has none of this name.</exception>
    public static TDelegate Entry<TDelegate>(IntPtr library, string name)
        where TDelegate : Delegate
    {
        var entry = IsWindows ? GetProcAddress(library, name) : DlSym(library, name);
        return entry == IntPtr.Zero
            ? throw new MissingMethodException($"it has no {name}")
            : Marshal.GetDelegateForFunctionPointer<TDelegate>(entry);
    }

    [DllImport("libdl.so.2", EntryPoint = "dlopen", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr DlOpen(string path, int flags);

    [DllImport("libdl.so.2", EntryPoint = "dlsym", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr DlSym(IntPtr library, string name);

    [DllImport("kernel32.dll", EntryPoint = "LoadLibraryExW", CharSet = CharSet.Unicode, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr LoadLibrary(string path, IntPtr file, int flags);

    [DllImport("kernel32.dll", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr GetProcAddress(IntPtr library, string name);
}
