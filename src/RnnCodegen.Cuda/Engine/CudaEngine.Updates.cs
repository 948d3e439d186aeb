namespace RnnCodegen.Cuda;

/// <content>Updates on the device.</content>
internal sealed unsafe partial class CudaEngine
{
    private readonly CudaOptions _options;
    private CudaModule? _trainingModule;
    private WeakReference<CudaTraining>? _training;

    /// <inheritdoc/>
    string ITrainingEngine.Device => Device.Name;

    /// <summary>Where the parameters are on the device.</summary>
    public ulong ValuesAddress => _values!.Address;

    /// <summary>The training under way; null where there is none.</summary>
    private CudaTraining? Training => _training is not null && _training.TryGetTarget(out var training) ? training : null;

    /// <inheritdoc/>
    public IDeviceTraining? TryCreateTraining(in DeviceTrainingPlan plan, out string reason)
    {
        reason = CudaTrainingKernels.FindFault(plan) ?? "";
        if (reason.Length > 0)
        {
            return null;
        }

        using var turn = Begin();
        if (Training is not null)
        {
            reason = "another training of the model is under way there";
            return null;
        }

        try
        {
            _trainingModule ??= Device.Load(CudaTrainingKernels.Program, _options);
            var training = new CudaTraining(this, _trainingModule, _parameters, plan);
            _training = new WeakReference<CudaTraining>(training);
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
        lock (_turn)
        {
            training.Release();
            _training = null;
        }
    }

    /// <summary>Notes that the device has the parameters as they are now.</summary>
    public void SetCurrent() => _version = _parameters.Version;
}
