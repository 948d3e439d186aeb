namespace RnnCodegen.Cuda;

/// <summary>
/// One model of a training on the device: its passes' frame, its gradients and their sums, its optimizer's state and step. What is enqueued
/// for its passes goes on its engine's stream, all else on that of the training's last model.
/// </summary>
internal sealed unsafe class CudaTrainee : IDisposable
{
    private readonly CudaTrainingKernels _kernels;
    private readonly CudaFunction _step;
    private readonly CudaDevice _updates;
    private readonly CudaTraineeLayout _layout;
    private readonly int _slots;
    private readonly int _ranges;
    private CudaMemory? _device;
    private CudaPinned? _host;
    private CudaFrame? _frame;

    /// <param name="training">The training.</param>
    /// <param name="trainee">The model.</param>
    /// <param name="last">The engine whose stream updates go on.</param>
    /// <param name="kernels">The device code.</param>
    /// <param name="addsUp">Whether an update can have several batches.</param>
    public CudaTrainee(CudaTraining training, Trainee trainee, CudaEngine last, CudaTrainingKernels kernels, bool addsUp)
    {
        (Training, Engine, Parameters, Optimizer) =
            (training, (CudaEngine)trainee.Core.Engine, trainee.Parameters, trainee.Optimizer);
        (_kernels, _step, _updates, _slots) = (kernels, kernels.StepOf(Optimizer), last.Device, Optimizer.Slots.Count);
        foreach (var range in Optimizer.Ranges)
        {
            _ranges += range.Frozen ? 0 : 1;
        }

        _layout = new CudaTraineeLayout(Count, _slots, _ranges, addsUp);
        try
        {
            _host = last.AllocatePinned(_layout.HostBytes);
            _device = last.Allocate(_layout.DeviceBytes);

            // What is copied back is not all written each time.
            _updates.Clear(At(_layout.Values), _layout.EndOfValues - _layout.Values);
            HasSums = addsUp;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public CudaTraining Training { get; }

    public CudaEngine Engine { get; }

    public ParameterSet Parameters { get; }

    public Optimizer Optimizer { get; }

    public int Count => Parameters.Count;

    /// <summary>Where Backward's gradients go.</summary>
    public ulong Gradients => At(_layout.Gradients);

    /// <summary>The optimizer's steps that the host knows of.</summary>
    public long StepsOnHost { get; private set; }

    /// <summary>Whether parameters or the optimizer's state are here alone.</summary>
    public bool Holds => Parameters.Holder == Training || Optimizer.Holder == Training;

    private bool HasSums { get; }

    /// <summary>Makes room for a batch, and writes what the model reads of it.</summary>
    /// <param name="frame">The memory of the model's passes.</param>
    /// <param name="rows">The batch.</param>
    /// <param name="attended">What it attends to, on the device; null where it attends to nothing.</param>
    public CudaShape Write(CudaFrame frame, in DeviceRows rows, CudaRowsToAttend? attended)
    {
        var (call, tape) = (Engine.NewCall(), rows.Tape);
        attended?.Bring();
        call.Seed = tape.DropoutSeed;
        (call.SamplesBefore, call.SamplesElsewhere) = tape.Place;
        call.IsTraining = tape.Training ? 1 : 0;
        var shape = frame.Lay(tape.Steps, tape.Batch, attended?.Steps ?? 0);
        _frame = frame;
        frame.Trainee = this;
        Engine.WriteInput(frame, shape, call, attended, rows.Input, rows.Lengths);
        return shape;
    }

    /// <summary>Enqueues a vector that all samples begin with, for a pass.</summary>
    /// <param name="offset">Its first value among the parameters.</param>
    /// <param name="rows">The address of the rows.</param>
    /// <param name="width">Values of a row.</param>
    /// <param name="batch">Rows.</param>
    public void EnqueueStart(int offset, ulong rows, int width, int batch) =>
        EnqueueRows(Engine.ValuesAddress + (ulong)(sizeof(float) * (long)offset), rows, width, batch);

    /// <summary>Enqueues a copy of another model's values, for a pass.</summary>
    /// <param name="from">Their address.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="count">How many.</param>
    public void EnqueueCopy(ulong from, ulong to, int count) => EnqueueRows(from, to, count, 1);

    /// <summary>Enqueues the addition of the gradients of all samples to those of the parameters, for a pass.</summary>
    /// <param name="rows">The address of the gradients.</param>
    /// <param name="offset">The first value among the parameters.</param>
    /// <param name="width">Values of a row.</param>
    /// <param name="batch">Rows.</param>
    public void EnqueueLearned(ulong rows, int offset, int width, int batch)
    {
        var sums = Gradients + (ulong)(sizeof(float) * (long)offset);
        var arguments = stackalloc void*[] { &rows, &sums, &width, &batch };
        Launch(Engine.Device, _kernels.AddRows, CudaTraining.Ceiling(width, CudaTraining.Threads), 1, arguments);
    }

    /// <summary>Enqueues sums of squares, one a block.</summary>
    /// <param name="values">As many values as there are parameters.</param>
    /// <param name="parts">Receives the sums.</param>
    /// <returns>Sums written.</returns>
    public int EnqueueSquares(ulong values, ulong parts)
    {
        var (count, blocks) = (Count, CudaTraining.BlocksOf(Count));
        var arguments = stackalloc void*[] { &values, &parts, &count };
        Launch(_updates, _kernels.Squares, blocks, 1, arguments);
        return blocks;
    }

    public void EnqueueClearSums() => _updates.Clear(At(_layout.Sums), _layout.EndOfSums - _layout.Sums);

    public void EnqueueAddToSums()
    {
        var (gradients, sums, count) = (Gradients, At(_layout.Sums), Count);
        var arguments = stackalloc void*[] { &gradients, &sums, &count };
        Launch(_updates, _kernels.AddGradients, CudaTraining.BlocksOf(count), 1, arguments);
    }

    public void EnqueueClearFrozen()
    {
        foreach (var range in Optimizer.Ranges)
        {
            if (range.Frozen)
            {
                _updates.Clear(Gradients + (ulong)(sizeof(float) * (long)range.Offset), sizeof(float) * (long)range.Length);
            }
        }
    }

    /// <summary>Brings parameters and optimizer state to the device, and writes the step that comes next.</summary>
    public void PrepareStep(double divisor, float clipNorm, float clipValue, ulong norm)
    {
        Engine.NewCall();
        UploadSlots();
        Optimizer.StepCount++;
        *(CudaStepCall*)(_host!.Pointer + _layout.Step) = new CudaStepCall
        {
            Parameters = Engine.ValuesAddress,
            Before = At(_layout.Values),
            Gradients = Gradients,
            Sums = HasSums ? At(_layout.Sums) : 0,
            Slots = At(_layout.Slots),
            Norm = norm,
            Divisor = divisor,
            ClipNorm = clipNorm,
            ClipValue = clipValue,
            Count = Count,
            SlotCount = _slots,
        };
        var target = (CudaStepRange*)(_host.Pointer + _layout.Ranges);
        foreach (var range in Optimizer.Ranges)
        {
            if (!range.Frozen)
            {
                (target->Offset, target->Length) = (range.Offset, range.Length);
                Optimizer.WriteRule(range, new Span<float>(target->Rule, Optimizer.RuleNumbers));
                target++;
            }
        }
    }

    /// <summary>Enqueues the gradients of an update, from sums where it has several batches.</summary>
    public void EnqueueGradients(bool hasSums)
    {
        ToDevice(_layout.Step, _layout.EndOfStep);
        if (hasSums)
        {
            var where = At(_layout.Step);
            var arguments = stackalloc void*[] { &where };
            Launch(_updates, _kernels.TakeSums, CudaTraining.BlocksOf(Count), 1, arguments);
        }

        EnqueueClearFrozen();
    }

    public void EnqueueStep()
    {
        if (_ranges > 0)
        {
            var (where, ranges) = (At(_layout.Step), At(_layout.Ranges));
            var arguments = stackalloc void*[] { &where, &ranges };
            Launch(_updates, _step, CudaTraining.BlocksOf(Count), _ranges, arguments);
        }
    }

    /// <summary>Notes that parameters and state are here.</summary>
    public void HandOver()
    {
        Parameters.HandOver(Training);
        Optimizer.HandOver(Training);
        Engine.SetCurrent();
    }

    /// <summary>Makes the parameters what they were before the last step.</summary>
    public void TakeBack()
    {
        var values = Parameters.Edit();
        var before = Read(At(_layout.Values));
        foreach (var range in Optimizer.Ranges)
        {
            if (!range.Frozen)
            {
                before.Slice(range.Offset, range.Length).CopyTo(values[range.Offset..]);
            }
        }
    }

    /// <summary>Enqueues the copy of parameters and state that <see cref="Receive"/> gives to their owners.</summary>
    public void EnqueueFetch()
    {
        if (_slots > 0)
        {
            _updates.CopyToHost(_host!.Pointer + _layout.Slots, At(_layout.Slots), _layout.EndOfSlots - _layout.Slots);
        }

        EnqueueRead(Engine.ValuesAddress);
    }

    /// <summary>Makes what was fetched the newest there is.</summary>
    public void Receive()
    {
        Floats(_layout.Values, Count).CopyTo(Parameters.Receive());
        var slots = Optimizer.Receive();
        for (var k = 0; k < slots.Length; k++)
        {
            Slot(k).CopyTo(slots[k].Values);
        }

        StepsOnHost = Optimizer.StepCount;
    }

    /// <summary>Makes the host's parameters and state the newest there are.</summary>
    /// <returns>Updates that are lost.</returns>
    public long GiveUp()
    {
        var lost = Optimizer.StepCount - StepsOnHost;
        Parameters.Receive();
        Optimizer.Receive();
        Optimizer.StepCount = StepsOnHost;
        return lost;
    }

    /// <summary>As many floats of the device as there are parameters.</summary>
    public Span<float> Read(ulong address)
    {
        EnqueueRead(address);
        _updates.Synchronize();
        return Floats(_layout.Values, Count);
    }

    /// <summary>Gives all memory back; whatever was here alone is lost.</summary>
    public void Dispose()
    {
        if (_frame is not null)
        {
            _frame.Trainee = null;
        }

        _device?.Dispose();
        _host?.Dispose();
        (_device, _host, _frame) = (null, null, null);
    }

    private void EnqueueRead(ulong address) =>
        _updates.CopyToHost(_host!.Pointer + _layout.Values, address, sizeof(float) * (long)Count);

    private static void Launch(CudaDevice device, CudaFunction kernel, int blocks, int rows, void** arguments) =>
        device.Launch(kernel, blocks, rows, 1, CudaTraining.Threads, 1, 0, arguments);

    private void EnqueueRows(ulong values, ulong rows, int width, int batch)
    {
        var arguments = stackalloc void*[] { &values, &rows, &width, &batch };
        Launch(Engine.Device, _kernels.StartRows, CudaTraining.BlocksOf((long)width * batch), 1, arguments);
    }

    private void UploadSlots()
    {
        if (Optimizer.Holder == Training)
        {
            return;
        }

        StepsOnHost = Optimizer.StepCount;
        var slots = Optimizer.Slots;
        for (var k = 0; k < _slots; k++)
        {
            slots[k].Values.CopyTo(Slot(k));
        }

        if (_slots > 0)
        {
            ToDevice(_layout.Slots, _layout.EndOfSlots);
        }
    }

    private Span<float> Slot(int k) => Floats(_layout.Slots + (sizeof(float) * (long)k * Count), Count);

    private Span<float> Floats(long start, int count) => new(_host!.Pointer + start, count);

    private ulong At(long start) => _device!.Address + (ulong)start;

    private void ToDevice(long start, long end) => _updates.CopyToDevice(At(start), _host!.Pointer + start, end - start);
}
