namespace RnnCodegen.Cuda;

/// <content>Graphs.</content>
internal sealed unsafe partial class CudaDevice
{
    /// <summary>
    /// Keeps what this thread enqueues from here on, rather than doing it, until <see cref="EndCapture"/> makes a graph of it, or
    /// <see cref="CancelCapture"/> forgets it. Until then nothing can be allocated, freed, loaded or waited for by this thread.
    /// </summary>
    public void BeginCapture()
    {
        Enter();
        var result = _driver.StreamBeginCapture(_stream, CudaConstants.CaptureThreadLocal);
        IsCapturing = result == 0;
        try
        {
            Leave("cuStreamBeginCapture_v2", result);
        }
        catch
        {
            CancelCapture();
            throw;
        }
    }

    /// <summary>Makes a graph of what was enqueued since <see cref="BeginCapture"/>. Where it throws, the capture has ended too.</summary>
    public CudaGraph EndCapture()
    {
        var made = new CudaGraph(this);
        try
        {
            Enter();
            nint graph = 0, exec = 0;
            var (call, result) = ("cuStreamEndCapture", _driver.StreamEndCapture(_stream, &graph));
            if (result == 0)
            {
                IsCapturing = false;
                (call, result) = ("cuGraphInstantiateWithFlags", _driver.GraphInstantiateWithFlags(&exec, graph, 0));
                made.Handle = exec;
                var destroyed = _driver.GraphDestroy(graph);
                (call, result) = result == 0 ? ("cuGraphDestroy", destroyed) : (call, result);
            }

            Leave(call, result);
            return made;
        }
        catch
        {
            made.Dispose();
            CancelCapture();
            throw;
        }
    }

    /// <summary>Ends a capture, if there is one, and forgets what was enqueued: where something fails between its begin and end.</summary>
    public void CancelCapture()
    {
        if (IsCapturing && TryEnter())
        {
            IsCapturing = false;
            nint graph = 0;
            if (_driver.StreamEndCapture(_stream, &graph) == 0)
            {
                _ = _driver.GraphDestroy(graph);
            }

            TryLeave();
        }
    }

    /// <summary>Enqueues everything that a graph has.</summary>
    public void Launch(CudaGraph graph)
    {
        ObjectDisposedException.ThrowIf(graph.IsReleased, graph);
        Enter();
        Leave("cuGraphLaunch", _driver.GraphLaunch(graph.Handle, _stream));
        GC.KeepAlive(graph);
    }
}
