using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// The process's signal handlers as they were: .NET makes a NullReferenceException of a segmentation fault, but transports under MPI (UCX)
/// put a handler of their own in its place, which ends the process.
/// </summary>
internal sealed unsafe class SignalHandlers : IDisposable
{
    // struct sigaction is 152 bytes with glibc and musl on 64 bits, less elsewhere.
    private const int Room = 256;

    private const int Signals = 31;

    private readonly delegate* unmanaged[Cdecl]<int, void*, void*, int> _sigaction;
    private readonly byte[] _actions = new byte[(Signals + 1) * Room];

    private SignalHandlers()
    {
        // The C library's own, by its handle: UCX interposes a sigaction that ignores such calls.
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out var library)
            || !NativeLibrary.TryGetExport(library, "sigaction", out var entry))
        {
            return;
        }

        _sigaction = (delegate* unmanaged[Cdecl]<int, void*, void*, int>)entry;
        fixed (byte* actions = _actions)
        {
            for (var signal = 1; signal <= Signals; signal++)
            {
                _ = _sigaction(signal, null, actions + (signal * Room));
            }
        }
    }

    /// <summary>Notes the handlers; disposing the result puts them back.</summary>
    public static SignalHandlers Keep() => new();

    public void Dispose()
    {
        if (_sigaction is null)
        {
            return;
        }

        fixed (byte* actions = _actions)
        {
            for (var signal = 1; signal <= Signals; signal++)
            {
                // SIGKILL and SIGSTOP cannot be set; the call refuses them.
                _ = _sigaction(signal, actions + (signal * Room), null);
            }
        }
    }
}
