namespace RnnCodegen.Cuda;

/// <summary>
/// The updates of one training on the device. A batch is one pass of the tape's frame, with the loss between Forward and Backward; an
/// update is a few launches more, which are captured too. The parameters are the engine's.
/// </summary>
/// <remarks>
/// Parameters and optimizer state are here alone from a step until someone on the host asks for any of them: then all come back together,
/// so that the host always has those of one moment.
/// </remarks>
internal sealed unsafe partial class CudaTraining : IDeviceTraining
{
    /// <summary>The sum of the losses; of the gradients' squares; of the parameters'.</summary>
    public const int NumberCount = 3;

    private const int LossNumber = 0, GradientNumber = 1, ParameterNumber = 2;
    private const int Threads = 256, MostBlocks = 1024, WarpThreads = 32;

    private readonly CudaEngine _engine;
    private readonly DeviceTrainingPlan _plan;
    private readonly ParameterSet _parameters;
    private readonly CudaTrainingKernels _kernels;
    private readonly CudaTrainingLayout _layout;
    private readonly int _coefficients;
    private readonly int _slots;
    private readonly int _ranges;
    private readonly CudaCapture[] _captures = new CudaCapture[2];
    private CudaMemory? _device;
    private CudaPinned? _host;
    private CudaFrame? _frame;
    private CudaShape? _shape;
    private long _stepsOnHost;
    private bool _isStepping;

    /// <param name="engine">The model, whose turn it is.</param>
    /// <param name="module">The device code.</param>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="plan">What is trained.</param>
    public CudaTraining(CudaEngine engine, CudaModule module, ParameterSet parameters, in DeviceTrainingPlan plan)
    {
        (_engine, _plan, _parameters) = (engine, plan, parameters);
        _kernels = new CudaTrainingKernels(module, plan);
        var coefficients = CudaTrainingKernels.CoefficientsOf(plan.Loss);
        (_coefficients, _slots) = (coefficients.Length, plan.Optimizer.Slots.Count);
        foreach (var range in plan.Optimizer.Ranges)
        {
            _ranges += range.Frozen ? 0 : 1;
        }

        _layout = new CudaTrainingLayout(
            plan, parameters.Count, engine.Definition.OutputSize, _coefficients, _slots, _ranges, MostBlocks);
        try
        {
            _host = engine.AllocatePinned(_layout.HostBytes);
            _device = engine.Allocate(_layout.DeviceBytes);
            coefficients.CopyTo(Floats(_layout.Coefficients, _coefficients));
            ToDevice(_layout.Coefficients, _layout.EndOfCoefficients);

            // What is copied back is not all written each time.
            engine.Device.Clear(At(_layout.Numbers), _layout.Coefficients - _layout.Numbers);
            engine.Device.Clear(At(_layout.Values), _layout.EndOfValues - _layout.Values);
            engine.Device.Synchronize();
        }
        catch
        {
            Release();
            throw;
        }
    }

    private bool IsReleased => _device is null;

    private bool Holds => _parameters.Holder == this || _plan.Optimizer.Holder == this;

    private ReadOnlySpan<double> Numbers => new(_host!.Pointer + _layout.Numbers, NumberCount);

    /// <inheritdoc/>
    public double Train(
        ModelInput x, Tape tape, ReadOnlySpan<int> lengths, ModelState? initial, ModelState? final, LossTargets targets, LossShape shape,
        double divisor)
    {
        using var turn = Begin();
        var frame = ((CudaTape)tape.Buffer).Frame;
        try
        {
            var call = _engine.NewCall();
            call.Seed = tape.DropoutSeed;
            (call.SamplesBefore, call.SamplesElsewhere) = tape.Place;
            call.IsTraining = tape.Training ? 1 : 0;
            (_frame, _shape) = (frame, frame.Lay(tape.Steps, tape.Batch, 0));
            frame.Training = this;
            _engine.WriteInput(frame, _shape, call, null, x, lengths);
            var (hasStart, wantsEnd) = (initial is not null && _engine.States.Any, final is not null && _engine.States.Any);
            if (hasStart)
            {
                _engine.States.WriteStart(frame, _shape, initial);
            }

            WriteLoss(targets, shape, divisor);
            frame.Execute(_shape, (hasStart, wantsEnd) switch
            {
                (false, false) => CudaPass.Train,
                (false, true) => CudaPass.TrainToState,
                (true, false) => CudaPass.TrainFromState,
                _ => CudaPass.TrainFromStateToState,
            });
            _engine.States.Read(frame, _shape, final);
            return Numbers[LossNumber];
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, frame);
        }
    }

    /// <inheritdoc/>
    public void ClearSums()
    {
        if (_plan.AddsUp)
        {
            using var turn = Begin();
            try
            {
                _engine.Device.Clear(At(_layout.Sums), _layout.EndOfSums - _layout.Sums);
            }
            catch (CudaException failure)
            {
                throw _engine.Failed(failure, null);
            }
        }
    }

    /// <inheritdoc/>
    public bool AddToSums()
    {
        using var turn = Begin();
        try
        {
            ClearFrozen();
            EnqueueSquares(At(_layout.Gradients), GradientNumber);
            EnqueueNumbers();
            _engine.Device.Synchronize();

            // Floats that are finite have squares whose sum a double holds.
            if (!double.IsFinite(Numbers[GradientNumber]))
            {
                return false;
            }

            var (gradients, sums, count) = (At(_layout.Gradients), At(_layout.Sums), _parameters.Count);
            var arguments = stackalloc void*[] { &gradients, &sums, &count };
            Launch(_kernels.AddGradients, BlocksOf(count), 1, arguments);
            return true;
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, null);
        }
    }

    /// <inheritdoc/>
    public (float Norm, bool IsFinite) Step(double divisor, float clipNorm, float clipValue)
    {
        using var turn = Begin();
        var optimizer = _plan.Optimizer;
        var steps = optimizer.StepCount;
        try
        {
            _engine.NewCall();
            UploadSlots();
            optimizer.StepCount = steps + 1;
            WriteStep(divisor, clipNorm, clipValue);
            _isStepping = true;
            ExecuteStep(divisor > 0);
            _isStepping = false;
        }
        catch (CudaException failure)
        {
            optimizer.StepCount = steps;
            throw _engine.Failed(failure, null);
        }

        var norm = (float)Math.Sqrt(Numbers[GradientNumber]);
        if (!float.IsFinite(norm))
        {
            optimizer.StepCount = steps;
            return (norm, false);
        }

        _parameters.HandOver(this);
        optimizer.HandOver(this);
        _engine.SetCurrent();
        return (norm, double.IsFinite(Numbers[ParameterNumber]));
    }

    /// <inheritdoc/>
    public void TakeBack()
    {
        using var turn = Begin();
        var values = _parameters.Edit();
        var before = Read(At(_layout.Values));
        foreach (var range in _plan.Optimizer.Ranges)
        {
            if (!range.Frozen)
            {
                before.Slice(range.Offset, range.Length).CopyTo(values[range.Offset..]);
            }
        }
    }

    /// <inheritdoc/>
    public void ReadOutput(Span<float> output)
    {
        using var turn = Begin();
        try
        {
            _frame!.ToHost(_shape!.Output, _shape.EndOfOutput);
            _engine.Device.Synchronize();
            _frame.Values(_shape.Output, output.Length).CopyTo(output);
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, null);
        }
    }

    /// <inheritdoc/>
    public void ReadGradients(Span<float> gradients)
    {
        using var turn = Begin();
        Read(At(_layout.Gradients)).CopyTo(gradients);
    }

    /// <inheritdoc/>
    public void BringBack()
    {
        using var turn = Begin();
        try
        {
            Fetch();
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsReleased)
        {
            return;
        }

        try
        {
            BringBack();
        }
        finally
        {
            _engine.End(this);
        }
    }

    /// <summary>Before the device's memory is given back after a failure: brings back what is here alone, if that can be done.</summary>
    /// <returns>What became of it, as a sentence; null where the host had the newest.</returns>
    public string? Rescue()
    {
        if (!Holds)
        {
            return null;
        }

        var optimizer = _plan.Optimizer;
        if (!_isStepping)
        {
            try
            {
                Fetch();
                return $"Its parameters and the optimizer's state were brought back as they are after {optimizer.StepCount} updates";
            }
            catch (CudaException)
            {
                // What the device had cannot be read any more.
            }
        }

        var lost = optimizer.StepCount - _stepsOnHost;
        _parameters.Receive();
        optimizer.Receive();
        optimizer.StepCount = _stepsOnHost;
        return $"The last {lost} updates were on the device alone and are lost; parameters and optimizer's state are as they were after " +
            $"{_stepsOnHost} updates";
    }

    /// <summary>Gives all memory back; whatever was here alone is lost.</summary>
    public void Release()
    {
        for (var k = 0; k < _captures.Length; k++)
        {
            _captures[k].Graph?.Dispose();
            _captures[k] = default;
        }

        if (_frame is not null)
        {
            _frame.Training = null;
        }

        _device?.Dispose();
        _host?.Dispose();
        (_device, _host, _frame, _shape) = (null, null, null, null);
    }

    private Lock.Scope Begin()
    {
        var turn = _engine.Begin();
        if (IsReleased)
        {
            turn.Dispose();
            throw new InvalidOperationException("The training ended when a call of the device failed; begin another one.");
        }

        return turn;
    }

    // All of it together, see the remarks above.
    private void Fetch()
    {
        if (!Holds)
        {
            return;
        }

        if (_slots > 0)
        {
            ToHost(_layout.Slots, _layout.EndOfSlots);
        }

        var values = Read(_engine.ValuesAddress, isChecked: false);
        values.CopyTo(_parameters.Receive());
        var slots = _plan.Optimizer.Receive();
        for (var k = 0; k < slots.Length; k++)
        {
            Slot(k).CopyTo(slots[k].Values);
        }

        _stepsOnHost = _plan.Optimizer.StepCount;
    }

    /// <summary>As many floats of the device as there are parameters.</summary>
    private Span<float> Read(ulong address, bool isChecked = true)
    {
        try
        {
            _engine.Device.CopyToHost(_host!.Pointer + _layout.Values, address, sizeof(float) * (long)_parameters.Count);
            _engine.Device.Synchronize();
            return Floats(_layout.Values, _parameters.Count);
        }
        catch (CudaException failure) when (isChecked)
        {
            throw _engine.Failed(failure, null);
        }
    }

    private void UploadSlots()
    {
        var optimizer = _plan.Optimizer;
        if (optimizer.Holder == this)
        {
            return;
        }

        _stepsOnHost = optimizer.StepCount;
        var slots = optimizer.Slots;
        for (var k = 0; k < _slots; k++)
        {
            slots[k].Values.CopyTo(Slot(k));
        }

        if (_slots > 0)
        {
            ToDevice(_layout.Slots, _layout.EndOfSlots);
        }
    }

    private Span<float> Slot(int k) => Floats(_layout.Slots + (sizeof(float) * (long)k * _parameters.Count), _parameters.Count);

    private Span<float> Floats(long start, int count) => new(_host!.Pointer + start, count);

    private ulong At(long start) => _device!.Address + (ulong)start;

    private void ToDevice(long start, long end) => _engine.Device.CopyToDevice(At(start), _host!.Pointer + start, end - start);

    private void ToHost(long start, long end) => _engine.Device.CopyToHost(_host!.Pointer + start, At(start), end - start);
}
