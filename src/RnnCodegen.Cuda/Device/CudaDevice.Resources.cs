using System.Text;

namespace RnnCodegen.Cuda;

/// <content>What lives on a device, and how it goes.</content>
internal sealed unsafe partial class CudaDevice
{
    /// <summary>Counts one more thing that lives on the device.</summary>
    internal void AddUser()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        Interlocked.Increment(ref _users);
    }

    /// <summary>Counts one less; with the last one the context goes.</summary>
    internal void RemoveUser()
    {
        if (Interlocked.Decrement(ref _users) != 0 || _context == 0)
        {
            return;
        }

        if (_stream != 0 && TryEnter())
        {
            _ = _driver.StreamDestroy(_stream);
            TryLeave();
        }

        _ = _driver.DevicePrimaryCtxRelease(_handle);
        (_stream, _context) = (0, 0);
    }

    /// <summary>Loads machine code or PTX.</summary>
    /// <exception cref="CudaException">The driver refuses it; the log says why.</exception>
    internal CudaModule Load(CudaImage image)
    {
        // PTX is a text that ends with a zero, which does no harm to machine code.
        byte[] bytes = [.. image.Bytes, 0];
        var log = new byte[LogBytes];
        var module = new CudaModule(this) { Origin = image.Origin };
        try
        {
            fixed (byte* start = bytes, logStart = log)
            {
                nint handle = 0;
                var options = stackalloc int[] { CudaConstants.JitErrorLog, CudaConstants.JitErrorLogBytes };
                var values = stackalloc void*[] { logStart, (void*)LogBytes };
                Enter();
                var result = _driver.ModuleLoadDataEx(&handle, start, 2, options, values);
                module.Handle = result == 0 ? handle : 0;
                Leave("cuModuleLoadDataEx", result, $"; of {image.Origin}", "", LogText(log));
            }

            return module;
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    internal CudaFunction Find(CudaModule module, string kernel)
    {
        ObjectDisposedException.ThrowIf(module.IsReleased, module);
        nint handle = 0;
        fixed (byte* name = Encoding.UTF8.GetBytes(kernel + '\0'))
        {
            Enter();
            Leave("cuModuleGetFunction", _driver.ModuleGetFunction(&handle, module.Handle, name), $"; of the kernel {kernel}", kernel);
        }

        return new CudaFunction(module, kernel, handle);
    }

    // Errors of what frees are not told: they are those of earlier work, which the next call has too.
    internal void Free(CudaMemory memory)
    {
        if (memory.Address != 0)
        {
            if (TryEnter())
            {
                _ = _driver.MemFree(memory.Address);
                TryLeave();
            }

            Interlocked.Add(ref _allocatedBytes, -memory.Bytes);
            Interlocked.Decrement(ref _allocations);
        }
    }

    internal void Free(CudaPinned memory)
    {
        if (memory.Pointer is not null)
        {
            if (TryEnter())
            {
                _ = _driver.MemFreeHost(memory.Pointer);
                TryLeave();
            }

            Interlocked.Decrement(ref _allocations);
        }
    }

    internal void Free(CudaGraph graph)
    {
        if (graph.Handle != 0 && TryEnter())
        {
            _ = _driver.GraphExecDestroy(graph.Handle);
            TryLeave();
        }
    }

    internal void Free(CudaModule module)
    {
        if (module.Handle != 0 && TryEnter())
        {
            _ = _driver.ModuleUnload(module.Handle);
            TryLeave();
        }
    }

    private static string LogText(byte[] log) =>
        Encoding.UTF8.GetString(log, 0, Array.IndexOf(log, (byte)0) is >= 0 and var end ? end : log.Length).Trim();

    private void Close()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            CancelCapture();
            RemoveUser();
        }
    }
}
