namespace RnnCodegen.Cuda;

/// <content>Updates on the device.</content>
internal sealed unsafe partial class CudaEngine
{
    private static readonly Lock s_beginning = new();

    private readonly CudaOptions _options;
    private CudaModule? _trainingModule;
    private WeakReference<CudaTraining>? _training;

    /// <inheritdoc/>
    string ITrainingEngine.Device => Device.Name;

    /// <summary>Where the parameters are on the device.</summary>
    public ulong ValuesAddress => _values!.Address;

    /// <summary>The training under way; null where there is none.</summary>
    private CudaTraining? Training =>
        _training is not null && _training.TryGetTarget(out var training) && !training.IsReleased ? training : null;

    /// <inheritdoc/>
    public IDeviceTraining? TryCreateTraining(in DeviceTrainingPlan plan, out string reason)
    {
        reason = CudaTrainingKernels.FindFault(plan) ?? FindFault(plan.Trainees) ?? "";
        if (reason.Length > 0)
        {
            return null;
        }

        // One training begins at a time: whose turn a model takes must not change while it is in one.
        lock (s_beginning)
        {
            return Begin(plan, out reason);
        }
    }

    private CudaTraining? Begin(in DeviceTrainingPlan plan, out string reason)
    {
        reason = "";
        var engines = plan.Trainees.Select(trainee => (CudaEngine)trainee.Core.Engine).ToArray();
        if (Array.Find(engines, engine => engine.Training is not null) is { } busy)
        {
            reason = $"another training of {(engines.Length == 1 ? "the model" : busy.Definition.Name)} is under way there";
            return null;
        }

        foreach (var engine in engines)
        {
            ShareTurn(engine);
        }

        using var turn = Begin();
        try
        {
            _trainingModule ??= Device.Load(CudaTrainingKernels.Program, _options);
            var training = new CudaTraining(this, _trainingModule, plan);
            foreach (var engine in engines)
            {
                engine._training = new WeakReference<CudaTraining>(training);
            }

            return training;
        }
        catch (CudaException failure)
        {
            reason = failure.Message.TrimEnd('.', '\n');
            return null;
        }
    }

    /// <summary>Ends the training under way.</summary>
    public void End(CudaTraining training)
    {
        using var turn = Enter();
        training.Release();
    }

    /// <summary>Notes that the device has the parameters as they are now.</summary>
    public void SetCurrent() => _version = _parameters.Version;

    /// <summary>Why models cannot be trained together here; null where they can.</summary>
    private string? FindFault(IReadOnlyList<Trainee> trainees)
    {
        if (trainees.DistinctBy(trainee => trainee.Parameters).Count() < trainees.Count)
        {
            return "the models have the same parameters";
        }

        foreach (var trainee in trainees)
        {
            if (trainee.Core.Engine is not CudaEngine engine || !engine.Device.IsSame(Device))
            {
                return "the models are not on the same device";
            }

            if (engine != this && engine.Definition.MemorySize > 0)
            {
                return $"{engine.Definition.Name} attends to a memory";
            }
        }

        return null;
    }

    /// <summary>
    /// Has another model take turns with this one from now on, as with itself: what a training keeps of both is asked for in calls of
    /// either, and two turns could wait for each other.
    /// </summary>
    private void ShareTurn(CudaEngine other)
    {
        if (other._turn == _turn)
        {
            return;
        }

        using var own = Enter();
        using var others = other.Enter();
        Volatile.Write(ref other._turn, _turn);
    }
}
