namespace RnnCodegen.Cuda;

/// <summary>
/// The updates of one training on the device, of a model or of an encoder and a decoder. A batch of one model is one pass of its tape's
/// frame, with the loss between Forward and Backward; one of two is a pass of the encoder, such a pass of the decoder, and another one of
/// the encoder, which read each other's memory. An update is a few launches more, which are captured too. Parameters are the engines'.
/// </summary>
/// <remarks>
/// Parameters and optimizer state are here alone from a step until someone on the host asks for any of them: then all come back together,
/// so that the host always has those of one moment. Each model has a stream of its own: the host waits for a pass of one before it enqueues
/// what reads its results on the other's.
/// </remarks>
internal sealed unsafe partial class CudaTraining : IDeviceTraining
{
    /// <summary>The sum of the losses; of the gradients' squares; of the parameters'.</summary>
    public const int NumberCount = 3;

    /// <summary>Threads of a block.</summary>
    public const int Threads = 256;

    private const int LossNumber = 0, GradientNumber = 1, ParameterNumber = 2;
    private const int MostBlocks = 1024, WarpThreads = 32;

    private readonly CudaEngine _engine;
    private readonly DeviceTrainingPlan _plan;
    private readonly CudaTrainee[] _trainees;
    private readonly CudaTrainingKernels _kernels;
    private readonly CudaTrainingLayout _layout;
    private readonly int _coefficients;
    private readonly CudaRowsToAttend? _encoded;
    private readonly CudaCapture[] _captures = new CudaCapture[2];
    private CudaMemory? _device;
    private CudaPinned? _host;
    private CudaFrame? _frame;
    private CudaShape? _shape;
    private bool _isStepping;

    /// <param name="engine">The last model, which has the turn of all.</param>
    /// <param name="module">The device code.</param>
    /// <param name="plan">What is trained.</param>
    public CudaTraining(CudaEngine engine, CudaModule module, in DeviceTrainingPlan plan)
    {
        (_engine, _plan) = (engine, plan);
        _kernels = new CudaTrainingKernels(module, plan);
        _encoded = plan.Trainees.Count > 1 && engine.Definition.MemorySize > 0 ? new CudaRowsToAttend(engine) : null;
        var coefficients = CudaTrainingKernels.CoefficientsOf(plan.Loss);
        _coefficients = coefficients.Length;
        _trainees = new CudaTrainee[plan.Trainees.Count];
        _layout = new CudaTrainingLayout(plan, engine.Definition.OutputSize, _coefficients, MostBlocks * _trainees.Length);
        try
        {
            for (var k = 0; k < _trainees.Length; k++)
            {
                _trainees[k] = new CudaTrainee(this, plan.Trainees[k], engine, _kernels, plan.AddsUp);
            }

            _host = engine.AllocatePinned(_layout.HostBytes);
            _device = engine.Allocate(_layout.DeviceBytes);
            coefficients.CopyTo(new Span<float>(_host.Pointer + _layout.Coefficients, _coefficients));
            ToDevice(_layout.Coefficients, _layout.EndOfCoefficients);

            // What is copied back is not all written each time.
            engine.Device.Clear(At(_layout.Numbers), _layout.Coefficients - _layout.Numbers);
            engine.Device.Synchronize();
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Whether it has nothing on the device any more.</summary>
    public bool IsReleased => _device is null;

    /// <summary>The models, in the order in which they compute.</summary>
    public ReadOnlySpan<CudaTrainee> Trainees => _trainees;

    private CudaTrainee Last => _trainees[^1];

    private ReadOnlySpan<double> Numbers => new(_host!.Pointer + _layout.Numbers, NumberCount);

    /// <inheritdoc/>
    public double Train(
        in DeviceRows rows, ModelState? initial, ModelState? final, LossTargets targets, LossShape shape, double divisor)
    {
        using var turn = Begin();
        var (frame, states) = (((CudaTape)rows.Tape.Buffer).Frame, _engine.States);
        try
        {
            (_frame, _shape) = (frame, Last.Write(frame, rows, null));
            var (hasStart, wantsEnd) = (initial is not null && states.Any, final is not null && states.Any);
            if (hasStart)
            {
                states.WriteStart(frame, _shape, initial);
            }

            WriteLoss(targets, shape, divisor);
            frame.Execute(_shape, (hasStart, wantsEnd) switch
            {
                (false, false) => CudaPass.Train,
                (false, true) => CudaPass.TrainToState,
                (true, false) => CudaPass.TrainFromState,
                _ => CudaPass.TrainFromStateToState,
            });
            states.Read(frame, _shape, final);
            return Numbers[LossNumber];
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, frame);
        }
    }

    /// <inheritdoc/>
    public double Train(
        in DeviceRows source, in DeviceRows target, ReadOnlySpan<int> encodedLengths, LossTargets targets, LossShape shape, double divisor)
    {
        using var turn = Begin();
        var encoder = _trainees[0];
        var (first, second) = (((CudaTape)source.Tape.Buffer).Frame, ((CudaTape)target.Tape.Buffer).Frame);
        var at = first;
        try
        {
            var read = encoder.Write(first, source, null);
            first.Execute(read, CudaPass.Encode);

            at = second;
            var model = encoder.Engine.Definition;
            _encoded?.Refer(
                first.Device + (ulong)read.Output, model.OutputSteps(read.Steps), read.Batch, model.OutputSize, encodedLengths);
            (_frame, _shape) = (second, Last.Write(second, target, _encoded));
            encoder.Engine.States.EnqueueCopy(first, read, Last, second, _shape, ofGradients: false);
            WriteLoss(targets, shape, divisor);
            second.Execute(_shape, CudaPass.TrainEncoded);

            at = first;
            _engine.States.EnqueueCopy(second, _shape, encoder, first, read, ofGradients: true);
            if (_encoded is null)
            {
                first.Clear(read.OutputGradient, read.StateGradients);
            }
            else
            {
                encoder.EnqueueCopy(
                    second.Device + (ulong)_shape.MemoryGradient, first.Device + (ulong)read.OutputGradient, _encoded.Count);
            }

            first.Execute(read, CudaPass.BackwardEncoded);
            return Numbers[LossNumber];
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, at);
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
                foreach (var trainee in _trainees)
                {
                    trainee.EnqueueClearSums();
                }
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
            foreach (var trainee in _trainees)
            {
                trainee.EnqueueClearFrozen();
            }

            EnqueueSquares(ofGradients: true);
            EnqueueNumbers();
            _engine.Device.Synchronize();

            // Floats that are finite have squares whose sum a double holds.
            if (!double.IsFinite(Numbers[GradientNumber]))
            {
                return false;
            }

            foreach (var trainee in _trainees)
            {
                trainee.EnqueueAddToSums();
            }

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
        var prepared = 0;
        try
        {
            foreach (var trainee in _trainees)
            {
                trainee.PrepareStep(divisor, clipNorm, clipValue, At(_layout.Numbers + (sizeof(double) * GradientNumber)));
                prepared++;
            }

            _isStepping = true;
            ExecuteStep(divisor > 0);
            _isStepping = false;
        }
        catch (CudaException failure)
        {
            Uncount(prepared);
            throw _engine.Failed(failure, null);
        }

        var norm = (float)Math.Sqrt(Numbers[GradientNumber]);
        if (!float.IsFinite(norm))
        {
            Uncount(prepared);
            return (norm, false);
        }

        foreach (var trainee in _trainees)
        {
            trainee.HandOver();
        }

        return (norm, double.IsFinite(Numbers[ParameterNumber]));
    }

    /// <inheritdoc/>
    public void TakeBack()
    {
        using var turn = Begin();
        try
        {
            foreach (var trainee in _trainees)
            {
                trainee.TakeBack();
            }
        }
        catch (CudaException failure)
        {
            throw _engine.Failed(failure, null);
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
    public void ReadGradients(int model, Span<float> gradients)
    {
        using var turn = Begin();
        try
        {
            _trainees[model].Read(_trainees[model].Gradients).CopyTo(gradients);
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

    /// <summary>Gives all memory back; whatever was here alone is lost.</summary>
    public void Release()
    {
        for (var k = 0; k < _captures.Length; k++)
        {
            _captures[k].Graph?.Dispose();
            _captures[k] = default;
        }

        foreach (var trainee in _trainees)
        {
            trainee?.Dispose();
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
            throw new InvalidOperationException(
                "The training ended, as a call of the device failed or a model of it was disposed; begin another one.");
        }

        return turn;
    }

    private void Uncount(int steps)
    {
        for (var k = 0; k < steps; k++)
        {
            _trainees[k].Optimizer.StepCount--;
        }
    }

    private ulong At(long start) => _device!.Address + (ulong)start;

    private void ToDevice(long start, long end) => _engine.Device.CopyToDevice(At(start), _host!.Pointer + start, end - start);

    private void ToHost(long start, long end) => _engine.Device.CopyToHost(_host!.Pointer + start, At(start), end - start);
}
