using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace RnnCodegen;

/// <summary>
/// Background threads that help a caller with parts of its work. There is one team a process; its threads start when they are first wanted.
/// It helps one caller at a time: who comes while it is busy does all parts on its own thread, with the same results. Nothing is allocated
/// once the threads run.
/// </summary>
/// <remarks>
/// Nobody owns a part: the caller and the workers claim parts one after the other until none is left, so a call ends even where no worker
/// ever gets a processor, or where no thread can be started at all.
/// </remarks>
/// <param name="start">Starts a thread, see <see cref="Thread.Start()"/>; tests have their own.</param>
internal sealed class WorkerTeam(Action<Thread> start)
{
    // Between two attempts to start a thread that a full machine has refused.
    private const int PatienceMilliseconds = 1_000;

    // What a thread spins before it blocks: longer than what lies between a Forward and its Backward, short beside a time slice.
    private static readonly long s_spinTicks = Environment.ProcessorCount == 1 ? 0 : Stopwatch.Frequency / 20_000;

    private readonly object _workersGate = new();
    private readonly object _callerGate = new();
    private IPartedWork? _work;
    private ExceptionDispatchInfo? _failure;

    // From the low end: 8 bits for the next part, 8 for the number of parts,
    // 48 that count the calls, so that no two calls' claims are alike.
    private long _claims;
    private int _unfinished;
    private int _busy;
    private int _threads;
    private int _sleeping;
    private bool _callerSleeps;
    private bool _cannotStart;
    private long _startsAgainAt = long.MinValue;

    /// <summary>A team of the system's threads.</summary>
    public WorkerTeam()
        : this(static thread => thread.Start())
    {
    }

    /// <summary>The process's team.</summary>
    public static WorkerTeam Shared { get; } = new();

    /// <summary>Does all parts and returns when the last is done.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="parts">Number of parts, 1 to <see cref="BatchPartition.MaxParts"/>: at most so many threads work at once.</param>
    /// <remarks>An exception in a part reaches the caller after all parts have ended.</remarks>
    public void Run(IPartedWork work, int parts)
    {
        if (parts == 1 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            RunAlone(work, parts);
            return;
        }

        ExceptionDispatchInfo? failure;
        try
        {
            StartWorkers(parts - 1);
            Post(work, parts);
            while (TryClaim(out var claimed, out var part))
            {
                Do(claimed, part);
            }

            AwaitLastPart();
            (failure, _failure, _work) = (_failure, null, null);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }

        failure?.Throw();
    }

    /// <summary>Does all parts on this thread, one after the other.</summary>
    public static void RunAlone(IPartedWork work, int parts)
    {
        for (var part = 0; part < parts; part++)
        {
            work.Do(part);
        }
    }

    /// <summary>
    /// Starts the threads that are wanted, or as many as there can be: without them others, and at last the caller, do their parts.
    /// </summary>
    private void StartWorkers(int wanted)
    {
        while (_threads < wanted && !_cannotStart && Environment.TickCount64 >= _startsAgainAt)
        {
            try
            {
                start(new Thread(Work) { IsBackground = true, Name = $"RnnCodegen worker {_threads + 1}" });
                _threads++;
            }
            catch (PlatformNotSupportedException)
            {
                // As in a browser.
                _cannotStart = true;
            }
            catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
            {
                // As many threads as the system allows, or no memory for one's stack; later there may be.
                _startsAgainAt = Environment.TickCount64 + PatienceMilliseconds;
            }
        }
    }

    private void Post(IPartedWork work, int parts)
    {
        _work = work;
        _unfinished = parts;
        var call = (_claims >> 16) + 1;
        Interlocked.Exchange(ref _claims, (call << 16) | ((long)parts << 8));
        if (Volatile.Read(ref _sleeping) > 0)
        {
            lock (_workersGate)
            {
                for (var k = Math.Min(_sleeping, parts - 1); k > 0; k--)
                {
                    Monitor.Pulse(_workersGate);
                }
            }
        }
    }

    private bool HasUnclaimed
    {
        get
        {
            var claims = Volatile.Read(ref _claims);
            return (claims & 0xFF) < ((claims >> 8) & 0xFF);
        }
    }

    private bool TryClaim(out IPartedWork work, out int part)
    {
        while (true)
        {
            var claims = Volatile.Read(ref _claims);
            part = (int)(claims & 0xFF);
            if (part >= ((claims >> 8) & 0xFF))
            {
                work = null!;
                return false;
            }

            // The work of these claims: it is replaced only when they are used up, and then the exchange fails.
            work = Volatile.Read(ref _work)!;
            if (Interlocked.CompareExchange(ref _claims, claims + 1, claims) == claims)
            {
                return true;
            }
        }
    }

    private void Do(IPartedWork work, int part)
    {
        try
        {
            work.Do(part);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
        }

        if (Interlocked.Decrement(ref _unfinished) == 0 && Volatile.Read(ref _callerSleeps))
        {
            lock (_callerGate)
            {
                Monitor.Pulse(_callerGate);
            }
        }
    }

    private void AwaitLastPart()
    {
        for (var until = Stopwatch.GetTimestamp() + s_spinTicks; Volatile.Read(ref _unfinished) > 0 && Stopwatch.GetTimestamp() < until;)
        {
            Thread.SpinWait(8);
        }

        if (Volatile.Read(ref _unfinished) == 0)
        {
            return;
        }

        lock (_callerGate)
        {
            // Before the count is read again: the thread that brings it to zero looks at this afterwards.
            Volatile.Write(ref _callerSleeps, true);
            Interlocked.MemoryBarrier();
            while (Volatile.Read(ref _unfinished) > 0)
            {
                Monitor.Wait(_callerGate);
            }

            _callerSleeps = false;
        }
    }

    private void Work()
    {
        var until = Stopwatch.GetTimestamp() + s_spinTicks;
        while (true)
        {
            if (TryClaim(out var work, out var part))
            {
                Do(work, part);
                until = Stopwatch.GetTimestamp() + s_spinTicks;
            }
            else if (Stopwatch.GetTimestamp() < until)
            {
                Thread.SpinWait(8);
            }
            else
            {
                AwaitWork();
                until = Stopwatch.GetTimestamp() + s_spinTicks;
            }
        }
    }

    private void AwaitWork()
    {
        lock (_workersGate)
        {
            // Before the claims are read again: who posts work looks at this afterwards.
            _sleeping++;
            Interlocked.MemoryBarrier();
            while (!HasUnclaimed)
            {
                Monitor.Wait(_workersGate);
            }

            _sleeping--;
        }
    }
}
