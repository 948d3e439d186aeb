using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// The processes of an MPI job, or this process alone; see <see cref="Mpi.TryStart"/>. Usable from any thread, one call at a time. A
/// process that ends without disposing it, by an exception or otherwise, ends the others: they would wait for it without end.
/// </summary>
public sealed unsafe class MpiWorld : IProcessGroup, IDisposable
{
    // MPI counts in int; larger data goes in pieces.
    private const int Piece = 1 << 30;

    private readonly MpiLibrary? _library;
    private readonly Peers? _peers;
    private readonly Lock _gate = new();
    private readonly bool _owns;
    private bool _disposed;

    /// <param name="library">The MPI to start; null for a process alone.</param>
    /// <param name="announcesRanks">Whether to say which process is which rank.</param>
    internal MpiWorld(MpiLibrary? library, bool announcesRanks = false)
    {
        _library = library;
        if (library is null)
        {
            return;
        }

        _owns = library.Start();
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        _peers = new Peers(this);
        if (announcesRanks && Rank == 0 && Size > 1)
        {
            Say($"the job has {_peers}.");
        }
    }

    /// <inheritdoc/>
    public int Rank => _library?.Rank ?? 0;

    /// <inheritdoc/>
    public int Size => _library?.Size ?? 1;

    /// <summary>The MPI in use, by its own words, e.g. <c>Open MPI v4.1.4</c>; "none" for a process alone.</summary>
    public string Library => _library?.Version ?? "none";

    /// <summary>Whose handles are used.</summary>
    internal string Family => _library?.Family ?? "";

    /// <inheritdoc/>
    /// <exception cref="MpiException">MPI reports an error.</exception>
    public void Broadcast(Span<byte> data)
    {
        for (var rest = data; !rest.IsEmpty && Enter() is { } library; rest = rest[Math.Min(Piece, rest.Length)..])
        {
            lock (_gate)
            {
                fixed (byte* first = rest)
                {
                    library.Broadcast(first, Math.Min(Piece, rest.Length));
                }
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="MpiException">MPI reports an error.</exception>
    public void AllReduceSum(Span<float> values)
    {
        if (Enter() is not { } library)
        {
            return;
        }

        lock (_gate)
        {
            fixed (float* first = values)
            {
                library.AllReduceSum(first, values.Length);
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="MpiException">MPI reports an error.</exception>
    public void AllGather(ReadOnlySpan<byte> mine, Span<byte> all)
    {
        if (all.Length != (long)Size * mine.Length)
        {
            throw new ArgumentException(
                $"{Size} processes with {mine.Length} bytes each need {(long)Size * mine.Length}, not {all.Length}.", nameof(all));
        }

        if (Enter() is not { } library)
        {
            mine.CopyTo(all);
            return;
        }

        lock (_gate)
        {
            fixed (byte* from = mine, to = all)
            {
                library.AllGather(from, mine.Length, to);
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="MpiException">MPI reports an error.</exception>
    public void AllToAll(ReadOnlySpan<float> mine, Span<float> received)
    {
        if (mine.Length != received.Length || mine.Length % Size != 0)
        {
            throw new ArgumentException($"{mine.Length} and {received.Length} floats are not {Size} equal blocks.", nameof(received));
        }

        if (Enter() is not { } library)
        {
            mine.CopyTo(received);
            return;
        }

        lock (_gate)
        {
            fixed (float* from = mine, to = received)
            {
                library.AllToAll(from, mine.Length / Size, to);
            }
        }
    }

    /// <inheritdoc/>
    public void Abort(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (_library is null || _disposed)
        {
            return;
        }

        Say($"{reason}\nThe other ranks are ended.");

        // Without the lock: another thread may wait in a call that never returns.
        _library.Abort(1);
#pragma warning disable RS0030 // MPI_Abort ends the process; where it does not, the process must not go on.
        Environment.FailFast("MPI_Abort returned.");
#pragma warning restore RS0030
    }

    /// <summary>Leaves MPI, which waits until all processes do. A process alone does nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            if (_library is null)
            {
                return;
            }

            AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
            AppDomain.CurrentDomain.ProcessExit -= OnExit;
            _peers?.Dispose();
            if (_owns)
            {
                _library.Finish();
            }
        }
    }

    /// <summary>Writes a message that names this rank.</summary>
    internal void Say(string text) =>
#pragma warning disable RS0030 // The rank's last words: it ends without a stack to throw through.
        Console.Error.WriteLine(
            $"RnnCodegen.Mpi: rank {Rank} of {Size} (process {Environment.ProcessId} on {Environment.MachineName}): {text}");
#pragma warning restore RS0030

    private MpiLibrary? Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _library;
    }

    private void OnUnhandled(object sender, UnhandledExceptionEventArgs e) => Abort($"unhandled exception: {e.ExceptionObject}");

    private void OnExit(object? sender, EventArgs e)
    {
        // A signal that ends the job ends this process, too: there is nothing to add.
        if (_peers is { IsEnding: false })
        {
            Abort("the process ended before its world was disposed; put it into a using declaration, or look for what ended it.");
        }
    }
}
