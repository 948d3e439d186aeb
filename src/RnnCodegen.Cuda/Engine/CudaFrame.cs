namespace RnnCodegen.Cuda;

/// <summary>
/// The memory of calls of one kind, on the device and, of what is copied, on the host; it grows where a larger call comes. Shapes that come
/// again are replayed as graphs. One call at a time.
/// </summary>
/// <param name="engine">The model.</param>
/// <param name="kind">What it is for.</param>
internal sealed unsafe class CudaFrame(CudaEngine engine, CudaFrameKind kind) : IDisposable
{
    // Shapes whose layouts and graphs are kept.
    private const int MostShapes = 64;

    // Launches from which on a graph would cost more memory and time to make than it saves.
    private const int LongestGraph = 32768;

    private readonly Dictionary<(int, int, int), CudaShape> _shapes = [];
    private CudaMemory? _device;
    private CudaPinned? _host;
    private long _written;
    private long _uses;

    /// <summary>Changes when what the frame holds is lost: calls that remember another may not go on.</summary>
    public int Generation { get; private set; }

    /// <summary>Whose loss and gradients the training passes are of; passes of another were captured in vain.</summary>
    public CudaTrainee? Trainee
    {
        get;
        set
        {
            if (field is not null && field != value)
            {
                DropCaptures();
            }

            field = value;
        }
    }

    /// <summary>The address on the device.</summary>
    public ulong Device => _device!.Address;

    /// <summary>What the host has of it.</summary>
    public byte* Host => _host!.Pointer;

    /// <summary>Makes room for a call. What an earlier one left is lost where the frame has to grow.</summary>
    public CudaShape Lay(int steps, int batch, int memorySteps)
    {
        if (!_shapes.TryGetValue((steps, batch, memorySteps), out var shape))
        {
            DropOldest();
            shape = new CudaShape(engine.Definition, engine.Program, engine.Division, kind, steps, batch, memorySteps);
            _shapes.Add((steps, batch, memorySteps), shape);
        }

        shape.LastUse = ++_uses;
        Reserve(shape);
        return shape;
    }

    /// <summary>Some of the host's floats.</summary>
    public Span<float> Floats(long start, long end) => new(Host + start, checked((int)((end - start) / sizeof(float))));

    /// <summary>So many of the host's floats.</summary>
    public Span<float> Values(long start, int count) => new(Host + start, count);

    /// <summary>So many of the host's integers.</summary>
    public Span<int> Integers(long start, int count) => new(Host + start, count);

    /// <summary>Gives kernels the call.</summary>
    public void WriteHeader(CudaShape shape, in CudaCall call, CudaRowsToAttend? attended, bool hasLengths)
    {
        CudaHeader.Write(Host + shape.Header, call, shape, Device, engine.Program, attended, hasLengths);
        if (attended is { HasCurrentKeys: false })
        {
            ToDevice(shape.Header, shape.Lengths);
            engine.Launcher.Run(engine.KeyNodes, shape, Device + (ulong)shape.Header, false);
            attended.SetKeys();
        }
    }

    /// <summary>Runs a pass and waits for it: what the host wrote goes to the device, and what it wants comes back.</summary>
    public void Execute(CudaShape shape, CudaPass pass)
    {
        ref var capture = ref shape.Captures[(int)pass];
        if (capture.Graph is not null)
        {
            engine.Device.Launch(capture.Graph);
        }
        else if (capture.Runs++ == 0 || capture.IsTooLong)
        {
            var before = engine.Launcher.Launches;
            try
            {
                Enqueue(shape, pass);
            }
            catch (Exception e) when (e is not CudaException)
            {
                // What is under way reads memory that the next call writes.
                engine.Device.Synchronize();
                throw;
            }

            capture.IsTooLong = engine.Launcher.Launches - before > LongestGraph;
        }
        else
        {
            capture.Graph = Capture(shape, pass);
            engine.Device.Launch(capture.Graph);
        }

        engine.Device.Synchronize();
    }

    /// <summary>Copies some of the host's bytes to where they stand on the device.</summary>
    public void ToDevice(long start, long end) => engine.Device.CopyToDevice(Device + (ulong)start, Host + start, end - start);

    /// <summary>Copies some of the device's bytes to where they stand on the host.</summary>
    public void ToHost(long start, long end) => engine.Device.CopyToHost(Host + start, Device + (ulong)start, end - start);

    /// <summary>Makes some of the device's bytes zeros, if there are any.</summary>
    public void Clear(long start, long end)
    {
        if (end > start)
        {
            engine.Device.Clear(Device + (ulong)start, end - start);
        }
    }

    /// <summary>Gives all memory back; the next call takes it anew.</summary>
    public void Dispose()
    {
        DropCaptures();
        _shapes.Clear();
        ReleaseMemory();
    }

    private void DropCaptures()
    {
        foreach (var shape in _shapes.Values)
        {
            shape.DropCaptures();
        }
    }

    private void ReleaseMemory()
    {
        _device?.Dispose();
        _host?.Dispose();
        (_device, _host, _written) = (null, null, 0);
        Generation++;
    }

    private void Reserve(CudaShape shape)
    {
        if (_device is null || _device.Bytes < shape.DeviceBytes || _host!.Bytes < shape.HostBytes)
        {
            // Graphs know addresses.
            DropCaptures();
            var (device, host) = (Math.Max(shape.DeviceBytes, _device?.Bytes ?? 0), Math.Max(shape.HostBytes, _host?.Bytes ?? 0));
            ReleaseMemory();
            _host = engine.AllocatePinned(host);
            _device = engine.Allocate(device);
        }

        if (_written < shape.HostBytes)
        {
            // What is copied has gaps that nobody writes.
            engine.Device.Clear(Device + (ulong)_written, shape.HostBytes - _written);
            _written = shape.HostBytes;
        }
    }

    private CudaGraph Capture(CudaShape shape, CudaPass pass)
    {
        engine.Device.BeginCapture();
        try
        {
            Enqueue(shape, pass);
        }
        catch
        {
            engine.Device.CancelCapture();
            throw;
        }

        return engine.EndCapture();
    }

    private void Enqueue(CudaShape shape, CudaPass pass)
    {
        var where = Device + (ulong)shape.Header;
        switch (pass)
        {
            case CudaPass.Stream:
                ToDevice(shape.Header, shape.EndOfInput);
                engine.Launcher.Run(engine.StepNodes, shape, where, false);
                ToHost(shape.Output, shape.EndOfOutput);
                break;
            case CudaPass.Infer or CudaPass.InferWithoutState or CudaPass.Forward or CudaPass.ForwardWithoutState:
                var nodes = kind switch
                {
                    CudaFrameKind.Step => engine.StepNodes,
                    CudaFrameKind.Run => engine.RunNodes,
                    _ => engine.ForwardNodes,
                };
                ToDevice(shape.Header, shape.EndOfStates);
                engine.Launcher.Run(nodes, shape, where, false);
                ToHost(pass is CudaPass.Infer or CudaPass.Forward ? shape.States : shape.Output, shape.EndOfOutput);
                break;
            case CudaPass.Train or CudaPass.TrainToState or CudaPass.TrainFromState or CudaPass.TrainFromStateToState:
                EnqueueTraining(
                    shape, where, Trainee!, pass is CudaPass.TrainFromState or CudaPass.TrainFromStateToState,
                    pass is CudaPass.TrainToState or CudaPass.TrainFromStateToState);
                break;
            case CudaPass.Encode:
                EnqueueStart(shape, Trainee!);
                engine.Launcher.Run(engine.ForwardNodes, shape, where, false);
                break;
            case CudaPass.TrainEncoded:
                ToDevice(shape.Header, shape.EndOfInput);
                EnqueueForwardToGradients(shape, where, Trainee!, toState: false);
                Trainee!.Training.EnqueueNumbers();
                break;
            case CudaPass.BackwardEncoded:
                EnqueueGradients(shape, where, Trainee!.Gradients, toInput: false);
                engine.States.EnqueueLearned(this, shape, Trainee);
                break;
            default:
                EnqueueBackward(
                    shape, where, pass is CudaPass.BackwardToInput or CudaPass.BackwardToInputAndMemory,
                    pass is CudaPass.BackwardToMemory or CudaPass.BackwardToInputAndMemory);
                break;
        }
    }

    private void EnqueueBackward(CudaShape shape, ulong where, bool toInput, bool toMemory)
    {
        ToDevice(shape.Header, shape.Lengths);
        ToDevice(shape.OutputGradient, shape.EndOfStateGradients);
        EnqueueGradients(shape, where, Device + (ulong)shape.Sums, toInput);
        ToHost(shape.StateGradients, shape.EndOfSums);
        if (toInput)
        {
            ToHost(shape.InputGradient, shape.EndOfInputGradient);
        }

        if (toMemory)
        {
            ToHost(shape.MemoryGradient, shape.HostBytes);
        }
    }

    private void EnqueueGradients(CudaShape shape, ulong where, ulong sums, bool toInput)
    {
        var (launcher, program) = (engine.Launcher, engine.Program);
        Clear(shape.PartGradients, shape.EndOfPartGradients);
        Clear(shape.MemoryGradient, shape.EndOfKeyGradients);
        launcher.Run(engine.BackwardNodes, shape, where, toInput);
        launcher.Add(Device + (ulong)shape.Gradients, sums, shape.Parts, engine.Definition.ParameterCount, adds: false);
        for (var k = 0; k < program.Buffers.Length; k++)
        {
            if (program.Buffers[k] is { Role: CudaRole.VectorGradient } vector)
            {
                launcher.Add(
                    Device + (ulong)shape.Of(k), sums + (ulong)(sizeof(float) * vector.Of), shape.Parts, vector.Width, adds: true);
            }
        }
    }

    private void EnqueueTraining(CudaShape shape, ulong where, CudaTrainee trainee, bool fromState, bool toState)
    {
        if (fromState)
        {
            ToDevice(shape.Header, shape.EndOfStates);
        }
        else
        {
            EnqueueStart(shape, trainee);
        }

        EnqueueForwardToGradients(shape, where, trainee, toState);
        if (!fromState)
        {
            engine.States.EnqueueLearned(this, shape, trainee);
        }

        trainee.Training.EnqueueNumbers();
    }

    private void EnqueueStart(CudaShape shape, CudaTrainee trainee)
    {
        ToDevice(shape.Header, shape.EndOfInput);
        if (engine.States.Any)
        {
            engine.States.EnqueueStart(this, shape, trainee);
        }
    }

    private void EnqueueForwardToGradients(CudaShape shape, ulong where, CudaTrainee trainee, bool toState)
    {
        engine.Launcher.Run(engine.ForwardNodes, shape, where, false);
        if (toState)
        {
            ToHost(shape.States, shape.EndOfStates);
        }

        trainee.Training.EnqueueLoss(shape);
        Clear(shape.StateGradients, shape.EndOfStateGradients);
        EnqueueGradients(shape, where, trainee.Gradients, toInput: false);
    }

    private void DropOldest()
    {
        if (_shapes.Count < MostShapes)
        {
            return;
        }

        var oldest = _shapes.MinBy(s => s.Value.LastUse);
        oldest.Value.DropCaptures();
        _shapes.Remove(oldest.Key);
    }
}
