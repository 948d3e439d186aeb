using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.Cuda.Tests;

/// <summary>
/// A driver without a GPU: the table of entry points over the PTX machine. What is enqueued on a stream is done when that stream is waited
/// for, or all of them are, as late as a GPU may do it; so what should have waited for another stream finds nothing there. It forgives
/// nothing: what a driver would crash at, or let pass by luck, is an error and a complaint. Any entry point can be told to fail.
/// </summary>
internal sealed unsafe partial class SoftwareDriver : IDisposable
{
    private static readonly ConcurrentDictionary<int, SoftwareDriver> Drivers = [];
    private static readonly AsyncLocal<SoftwareDriver?> Chosen = new();
    private static int s_last;

    [ThreadStatic]
    private static Stack<nint>? t_contexts;

    private readonly int _id = Interlocked.Increment(ref s_last);
    private readonly Dictionary<nint, object> _handles = [];
    private readonly HashSet<nint> _gone = [];
    private readonly Dictionary<ulong, long> _memory = [];
    private readonly Dictionary<nint, long> _pinned = [];
    private readonly Dictionary<string, int> _calls = [];
    private readonly List<string> _complaints = [];
    private readonly List<SoftwareStream> _streams = [];
    private readonly List<(string Entry, int Call, int Error)> _failures = [];
    private nint _lastHandle = 0x1000;
    private bool _isInitialized;
    private int _retained;
    private int _pushed;
    private int _stickyError;
    private string _stickyText = "";

    public SoftwareDriver(SoftwareCard? card = null)
    {
        Card = card ?? new();
        Drivers[_id] = this;
        Chosen.Value = this;
    }

    public SoftwareCard Card { get; }

    /// <summary>The device's memory, where kernels run.</summary>
    public DeviceMemory Memory { get; } = new();

    /// <summary>What was done that a driver does not allow, or that would be a defect on a GPU.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>How often each entry point was called.</summary>
    public IReadOnlyDictionary<string, int> Calls => _calls;

    /// <summary>Kernels that have run, in order.</summary>
    public List<string> Launched { get; } = [];

    /// <summary>Bytes that copies have brought to the device so far.</summary>
    public long BytesToDevice { get; private set; }

    /// <summary>Bytes that copies have brought back.</summary>
    public long BytesToHost { get; private set; }

    /// <summary>How many kernels had run when a failure that was asked for happened; null where none has.</summary>
    public int? LaunchedBeforeFailure { get; private set; }

    /// <summary>The driver, for code under test. Entry points that name no device or context mean the one asked for last.</summary>
    public CudaDriver Table
    {
        get
        {
            Chosen.Value = this;
            return Entries;
        }
    }

    /// <summary>Lets one call of an entry point fail.</summary>
    /// <param name="entry">The name in the driver's library.</param>
    /// <param name="call">Which of its calls, from 1.</param>
    /// <param name="error">The error; some make all later calls fail too, as they do on a GPU.</param>
    public void Fail(string entry, int call, int error) => _failures.Add((entry, call, error));

    /// <summary>Everything that is still held, in words; empty where nothing is.</summary>
    public string Held()
    {
        // What nobody referred to any longer may be on its way.
        GC.WaitForPendingFinalizers();
        lock (this)
        {
            var held = _handles.Values.GroupBy(value => value.GetType().Name).Select(group => $"{group.Count()} {group.Key}").ToList();
            held.AddRange(_memory.Select(piece => $"{piece.Value} bytes at 0x{piece.Key:x}"));
            held.AddRange(_pinned.Select(piece => $"{piece.Value} bytes of pinned memory"));
            held.AddRange(_retained == 0 ? [] : [$"the context, {_retained} times"]);
            held.AddRange(_pushed == 0 ? [] : [$"{_pushed} contexts pushed and not popped"]);
            held.AddRange(_memory.Count == Memory.Count ? [] : [$"{Memory.Count - _memory.Count} variables of modules"]);
            return string.Join(", ", held);
        }
    }

    /// <summary>Requires that nothing is held and nothing was complained about.</summary>
    public void RequireClean()
    {
        var held = Held();
        Assert.Equal([], Complaints);
        Assert.Equal("", held);
    }

    public void Dispose() => Drivers.TryRemove(_id, out _);

    private static SoftwareDriver? OfContext =>
        t_contexts is { Count: > 0 } contexts ? Drivers.GetValueOrDefault((int)contexts.Peek()) : null;

    // A call that means the driver chosen last, one of its devices, or its context.
    private static int Global(string entry, Func<SoftwareDriver, int> body) =>
        Chosen.Value is { } driver ? driver.Call(entry, body, null) : SoftwareError.NotInitialized;

    private static int OfDevice(string entry, int device, Func<SoftwareDriver, int> body)
    {
        if (Drivers.GetValueOrDefault(device / 16) is not { } driver)
        {
            return Global(entry, wrong => wrong.Complain(entry, $"{device} is no device", SoftwareError.InvalidDevice));
        }

        return driver.Call(entry, body, null);
    }

    private static int InContext(string entry, Func<SoftwareDriver, int> body, int? inCapture = SoftwareError.CaptureUnsupported) =>
        OfContext is { } driver
            ? driver.Call(entry, body, inCapture)
            : Global(entry, wrong => wrong.Complain(entry, "no context is current", SoftwareError.InvalidContext));

    private static bool Releases(string entry) => entry is "cuModuleUnload" or "cuMemFree_v2" or "cuMemFreeHost" or "cuStreamDestroy_v2"
        or "cuGraphExecDestroy" or "cuGraphDestroy" or "cuDevicePrimaryCtxRelease_v2" or "cuCtxPopCurrent_v2";

    // What goes wrong in a context is told by all that is done in it afterwards.
    private static bool IsOfContext(string entry) => !entry.StartsWith("cuDevice", StringComparison.Ordinal)
        && !entry.StartsWith("cuCtx", StringComparison.Ordinal) && !entry.StartsWith("cuGetError", StringComparison.Ordinal);

    // What releases does so and tells the error of earlier work; nothing else does anything once it fails.
    private int Call(string entry, Func<SoftwareDriver, int> body, int? inCapture)
    {
        lock (this)
        {
            try
            {
                var call = _calls[entry] = _calls.GetValueOrDefault(entry) + 1;
                var error = IsOfContext(entry) ? _stickyError : 0;
                if (_failures.Find(failure => failure.Entry == entry && failure.Call == call) is { Call: > 0 } wanted)
                {
                    LaunchedBeforeFailure ??= Launched.Count;
                    error = wanted.Error;
                    if (SoftwareError.IsSticky(error))
                    {
                        Break(error, "on purpose");
                    }
                }
                else if (inCapture is { } refusal && CaptureOfThread() is { } capture)
                {
                    capture.IsInvalid = true;
                    return Complain(entry, "a capture is under way on this thread", refusal);
                }

                if (error != 0 && !Releases(entry))
                {
                    return error;
                }

                var result = body(this);
                return error != 0 ? error : result;
            }
            catch (Exception e)
            {
                return Complain(entry, e.ToString(), SoftwareError.Unknown);
            }
        }
    }

    private int Complain(string entry, string what, int error)
    {
        _complaints.Add($"{entry}: {what}");
        return error;
    }

    private nint Add(object value)
    {
        _handles.Add(_lastHandle += 16, value);
        return _lastHandle;
    }

    private T? Find<T>(string entry, nint handle)
        where T : class
    {
        if (_handles.TryGetValue(handle, out var value) && value is T found)
        {
            return found;
        }

        var state = _gone.Contains(handle) ? "was released before" : value is null ? "is unknown" : $"is a {value.GetType().Name}";
        Complain(entry, $"the handle 0x{handle:x} {state}; a {typeof(T).Name} was expected", SoftwareError.InvalidHandle);
        return null;
    }

    private T? Remove<T>(string entry, nint handle)
        where T : class
    {
        var found = Find<T>(entry, handle);
        if (found is not null)
        {
            _handles.Remove(handle);
            _gone.Add(handle);
        }

        return found;
    }

    // What this thread began to keep; another's is no matter of its.
    private SoftwareCapture? CaptureOfThread() =>
        _streams.Find(stream => stream.Capture?.Thread == Environment.CurrentManagedThreadId)?.Capture;

    private int Enqueue(string entry, nint handle, Action work)
    {
        if (Find<SoftwareStream>(entry, handle) is not { } stream)
        {
            return SoftwareError.InvalidHandle;
        }

        if (stream.Capture is { } capture)
        {
            capture.Work.Add(work);
            return 0;
        }

        stream.Queue.Enqueue(work);
        return 0;
    }

    // Does all that was enqueued on all streams: the newest first, as no order among them can be relied on.
    private int Finish()
    {
        for (var k = _streams.Count - 1; k >= 0; k--)
        {
            Finish(_streams[k]);
        }

        return _stickyError;
    }

    // Does all that was enqueued on a stream, up to what fails.
    private int Finish(SoftwareStream stream)
    {
        while (_stickyError == 0 && stream.Queue.TryDequeue(out var work))
        {
            try
            {
                work();
            }
            catch (PtxFault fault)
            {
                _complaints.Add(fault.Message);
                Break(fault.Kind switch
                {
                    FaultKind.OutOfBounds => SoftwareError.IllegalAddress, FaultKind.Misaligned => SoftwareError.MisalignedAddress,
                    _ => SoftwareError.LaunchFailed,
                }, fault.Message);
            }
        }

        return _stickyError;
    }

    // The context is of no use from here on: what was enqueued is never done, and captures have ended with it.
    private void Break(int error, string text)
    {
        (_stickyError, _stickyText) = (error, text);
        foreach (var stream in _streams)
        {
            stream.Capture = null;
            stream.Queue.Clear();
        }
    }

    private static nint Text(string text) => Marshal.StringToCoTaskMemUTF8(text);

    // A part of a piece of pinned memory that is there now.
    private bool IsPinned(void* pointer, long bytes) =>
        _pinned.Any(piece => (nint)pointer >= piece.Key && (nint)pointer + bytes <= piece.Key + piece.Value);
}

/// <summary>What is to be done, in order.</summary>
internal sealed class SoftwareStream
{
    public Queue<Action> Queue { get; } = [];

    /// <summary>Where what is enqueued is kept instead; null where no capture is under way.</summary>
    public SoftwareCapture? Capture { get; set; }
}

/// <summary>What is enqueued from the begin of a capture to its end.</summary>
internal sealed class SoftwareCapture
{
    public int Thread { get; } = Environment.CurrentManagedThreadId;

    public List<Action> Work { get; } = [];

    public bool IsInvalid { get; set; }
}

/// <summary>What a handle of a graph stands for, and, made ready, of an executable one.</summary>
internal sealed record SoftwareGraph(List<Action> Work);

/// <summary>A graph that can be launched.</summary>
internal sealed record SoftwareGraphExec(List<Action> Work);

/// <summary>A loaded module.</summary>
internal sealed class SoftwareModule(PtxModule module)
{
    public PtxModule Module => module;

    public bool IsUnloaded { get; set; }
}

/// <summary>A kernel, and what launches of it may ask for.</summary>
internal sealed class SoftwareFunction(SoftwareModule module, PtxKernel kernel)
{
    public SoftwareModule Module => module;

    public PtxKernel Kernel => kernel;

    public int SharedBytes { get; set; } = (48 * 1024) - kernel.SharedBytes;

    public int Cluster { get; set; } = 8;
}
