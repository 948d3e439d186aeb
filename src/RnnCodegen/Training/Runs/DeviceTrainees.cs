namespace RnnCodegen;

/// <summary>A model whose gradients, parameters and optimizer state are on a device while it is trained.</summary>
/// <param name="trainee">The model.</param>
/// <param name="device">Its training there.</param>
internal sealed class DeviceTrainees(Trainee trainee, IDeviceTraining device) : Trainees([trainee], addsUp: false)
{
    private double _divisor;

    public override void ClearSums()
    {
        _divisor = 0;
        device.ClearSums();
    }

    public override BadValue? AddToSums(bool checks) => device.AddToSums() ? null : FindBadGradient();

    public override void TakeSums(double divisor) => _divisor = divisor;

    public override (float Norm, bool IsFinite) Step(TrainingSettings settings, int epochs)
    {
        Schedule(settings, epochs, 0);
        return device.Step(_divisor, settings.ClipNorm, settings.ClipValue);
    }

    public override void TakeStepBack() => device.TakeBack();

    public override BadValue? FindBadGradient()
    {
        device.ReadGradients(Gradients[0].Edit());
        ClearFrozen();
        return FindBad(Gradients);
    }
}
