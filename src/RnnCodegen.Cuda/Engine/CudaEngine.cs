using RnnCodegen.Runtime;

namespace RnnCodegen.Cuda;

/// <summary>
/// Computes on an NVIDIA GPU, by a model's device code. Calls of many threads take turns. The number of threads of a model has no effect
/// here: results do not depend on it.
/// </summary>
/// <remarks>
/// Parameters, states and memories to attend to stay on the host, where their owners read and write them; what of them has changed goes to
/// the device with a call. A call that fails leaves them as they were; its engine gives back what it had on the device, and the next call
/// begins anew.
/// </remarks>
internal sealed unsafe partial class CudaEngine : IModelEngine, ITrainingEngine, IDisposable
{
    // Compute capability 8.0.
    private const int FirstWithReducedPrecision = 80;

    private static int s_engines;

    private readonly int _number = Interlocked.Increment(ref s_engines);
    private Lock _turn = new();
    private readonly List<WeakReference<IDisposable>> _held = [];
    private readonly ParameterSet _parameters;
    private readonly CudaModule _module;
    private readonly CudaStateRows _states;
    private readonly CudaFrame _step;
    private readonly CudaFrame _run;
    private readonly CudaAttention _attention;
    private CudaMemory? _values;
    private CudaPinned? _staging;
    private int _version;
    private bool _isDisposed;

    /// <param name="core">The model, whose parameters it reads.</param>
    /// <param name="program">The device code.</param>
    /// <param name="device">The device; the engine's from now on.</param>
    /// <param name="options">How the code is loaded.</param>
    public CudaEngine(ModelCore core, CudaProgram program, CudaDevice device, CudaOptions options)
    {
        (Definition, Program, Device, _parameters, _options) = (core.Definition, program, device, core.Parameters, options);
        if (program.Precision != CudaPrecision.Float32 && device.Architecture < FirstWithReducedPrecision)
        {
            throw new CudaException(
                $"products of {program.Precision} need compute capability 8.0; CudaPrecision.Float32 has the model run here.");
        }

        _module = device.Load(program, options);
        try
        {
            Launcher = new CudaLauncher(device, _module["add_blocks"], options.Division.Blocks);
            KeyNodes = CudaNode.Of(program.Keys, _module, device.HasClusters);
            StepNodes = CudaNode.Of(program.Step, _module, device.HasClusters);
            RunNodes = CudaNode.Of(program.Run, _module, device.HasClusters);
            ForwardNodes = CudaNode.Of(program.Forward, _module, device.HasClusters);
            BackwardNodes = CudaNode.Of(program.Backward, _module, device.HasClusters);
        }
        catch
        {
            _module.Dispose();
            throw;
        }

        _states = new CudaStateRows(core.Definition, core.Parameters, program);
        (_step, _run) = (CreateFrame(CudaFrameKind.Step), CreateFrame(CudaFrameKind.Run));
        _attention = new CudaAttention(this);
        Layout = $"Cuda on {device.Name}, engine {_number}";
    }

    /// <summary>A name that no other engine has: a tape is in the memory of one.</summary>
    public string Layout { get; }

    /// <inheritdoc/>
    public int MaxThreads { get; set; } = 1;

    public ModelDefinition Definition { get; }

    public CudaProgram Program { get; }

    public CudaDevice Device { get; }

    public CudaLauncher Launcher { get; }

    public CudaDivision Division => _options.Division;

    public CudaNode[] KeyNodes { get; }

    public CudaNode[] StepNodes { get; }

    /// <summary>Which values the device has of the parameters.</summary>
    public int ParametersVersion => _version;

    public CudaNode[] RunNodes { get; }

    public CudaNode[] ForwardNodes { get; }

    public CudaNode[] BackwardNodes { get; }

    /// <summary>What computes, for people.</summary>
    public string Description =>
        $"{Device.Name} (sm_{Device.Architecture}, {Device.Multiprocessors} multiprocessors), with a driver for CUDA " +
        $"{CudaDriver.Spell(Device.DriverVersion)}; the device code is {_module.Origin}" +
        $"{(Program.Precision == CudaPrecision.Float32 ? "" : $", and large products are of {Program.Precision}")}.";

    /// <summary>How states are laid out here and there.</summary>
    public CudaStateRows States => _states;

    /// <summary>Changes when everything on the device was given back.</summary>
    public int Epoch { get; private set; }

    /// <inheritdoc/>
    public StateBuffer CreateState() => new CudaState();

    /// <inheritdoc/>
    public ModelMemory CreateMemory() => new CudaRowsToAttend(this);

    /// <inheritdoc/>
    public TapeBuffer CreateTape() => new CudaTape(this);

    /// <summary>A frame that is given back with the engine.</summary>
    public CudaFrame CreateFrame(CudaFrameKind kind)
    {
        using var turn = Enter();
        return Hold(new CudaFrame(this, kind));
    }

    /// <summary>Gives a frame back before the engine is.</summary>
    public void Release(CudaFrame frame)
    {
        using var turn = Enter();
        frame.Dispose();
        _held.RemoveAll(other => !other.TryGetTarget(out var held) || held == frame);
    }

    /// <summary>Memory of the device that is given back with the engine.</summary>
    public CudaMemory Allocate(long bytes) => Hold(Device.Allocate(bytes));

    /// <summary>Pinned memory that is given back with the engine.</summary>
    public CudaPinned AllocatePinned(long bytes) => Hold(Device.AllocatePinned(bytes));

    /// <summary>What was captured, as a graph that is given back with the engine.</summary>
    public CudaGraph EndCapture() => Hold(Device.EndCapture());

    /// <summary>Copies values and integers to the device, one after the other, and waits.</summary>
    public void Upload(ulong target, ReadOnlySpan<float> values, ReadOnlySpan<int> integers)
    {
        var (first, second) = (sizeof(float) * (long)values.Length, sizeof(int) * (long)integers.Length);
        var staging = Staging(first + second);
        values.CopyTo(new Span<float>(staging, values.Length));
        integers.CopyTo(new Span<int>(staging + first, integers.Length));
        Device.CopyToDevice(target, staging, first + second);
        Device.Synchronize();
    }

    /// <summary>Waits for what is enqueued, and copies values from the device.</summary>
    public void Download(ulong source, Span<float> values)
    {
        var bytes = sizeof(float) * (long)values.Length;
        var staging = Staging(bytes);
        Device.CopyToHost(staging, source, bytes);
        Device.Synchronize();
        new ReadOnlySpan<float>(staging, values.Length).CopyTo(values);
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> x, Span<float> y, ModelState state) => Step(new ModelInput(x), y, state);

    /// <inheritdoc/>
    public void Step(int token, Span<float> y, ModelState state) => Step(new ModelInput(new ReadOnlySpan<int>(in token)), y, state);

    /// <inheritdoc/>
    public void Run(ModelInput x, Span<float> y, int steps, int batch, ReadOnlySpan<int> lengths, ModelState? initial, ModelState? final)
    {
        if (PieceSteps(batch) is var piece && steps / 2 >= piece)
        {
            RunInPieces((int)piece, x, y, steps, batch, lengths, initial, final);
        }
        else
        {
            Infer(_run, x, y, steps, batch, lengths, initial, final);
        }
    }

    /// <summary>Begins what needs the device: its turn, with the parameters on the device as they are now.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public Lock.Scope Begin()
    {
        var turn = Enter();
        if (_isDisposed)
        {
            turn.Dispose();
            throw new ObjectDisposedException(Definition.Name, "The model was disposed, and has nothing on the device any more.");
        }

        return turn;
    }

    /// <summary>What a call tells of the parameters, which are copied where the device has older ones.</summary>
    public CudaCall NewCall()
    {
        if (_values is null || _version != _parameters.Version)
        {
            _values ??= Allocate(sizeof(float) * (long)_parameters.Count);
            Upload(_values.Address, _parameters.Values, []);
            _version = _parameters.Version;
        }

        return new CudaCall { Parameters = _values.Address };
    }

    /// <summary>Gives everything on the device back after a failure: nobody knows what is there.</summary>
    /// <param name="failure">What failed.</param>
    /// <param name="frame">What it was to be done in; null where it was in none.</param>
    public CudaException Failed(CudaException failure, CudaFrame? frame)
    {
        if (failure is { Code: CudaConstants.OutOfMemory, Call: "cuMemAlloc_v2" or "cuMemHostAlloc" })
        {
            // What is there is as it was.
            frame?.Dispose();
            return failure;
        }

        var (training, names) = (Training, Definition.Name);
        var remains = training?.Rescue() ?? "Its parameters are on the host as they were";
        if (training is null)
        {
            GiveBack();
        }
        else
        {
            // What is trained together is of one update, so all of it goes.
            names = string.Join(" and ", training.Trainees.ToArray().Select(trainee => trainee.Engine.Definition.Name));
            foreach (var trainee in training.Trainees)
            {
                trainee.Engine.GiveBack();
            }
        }

        return new CudaException(
            failure.Call, failure.Code,
            $"{failure.Message}\n{names} gave back what it had on {Device.Name}. {remains}: " +
            "the next call begins anew, and a model on the CPU that shares them computes.", failure.Kernel);
    }

    /// <summary>Gives the device's memory back. The parameters stay; other models that share them are not touched.</summary>
    public void Dispose()
    {
        using var turn = Enter();
        if (_isDisposed)
        {
            return;
        }

        try
        {
            Training?.BringBack();
        }
        finally
        {
            _isDisposed = true;
            GiveBack();
            _module.Dispose();
            _trainingModule?.Dispose();
            Device.Dispose();
        }
    }

    private byte* Staging(long bytes)
    {
        if (_staging is null || _staging.Bytes < bytes)
        {
            _staging?.Dispose();
            _staging = null;
            _staging = AllocatePinned(bytes);
        }

        return _staging.Pointer;
    }

    /// <summary>The turn, which another model may share since it was asked for.</summary>
    private Lock.Scope Enter()
    {
        while (true)
        {
            var turn = Volatile.Read(ref _turn);
            var scope = turn.EnterScope();
            if (turn == Volatile.Read(ref _turn))
            {
                return scope;
            }

            scope.Dispose();
        }
    }

    private T Hold<T>(T held)
        where T : class, IDisposable
    {
        // What nobody refers to any longer is given back with the engine too, if its finalizer has not come so far.
        _held.RemoveAll(other => !other.TryGetTarget(out _));
        _held.Add(new WeakReference<IDisposable>(held, trackResurrection: true));
        return held;
    }

    private void GiveBack()
    {
        try
        {
            Device.Synchronize();
        }
        catch (CudaException)
        {
            // Of a device that is lost nothing can be waited for.
        }

        Training?.Release();
        _training = null;
        foreach (var reference in _held)
        {
            if (reference.TryGetTarget(out var held))
            {
                held.Dispose();
            }
        }

        _held.RemoveAll(other => !other.TryGetTarget(out var held) || held is not CudaFrame);
        (_values, _staging) = (null, null);
        Epoch++;
    }
}
