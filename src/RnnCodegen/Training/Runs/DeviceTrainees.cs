namespace RnnCodegen;

/// <summary>Models whose gradients, parameters and optimizer state are on a device while they are trained.</summary>
/// <param name="all">The models.</param>
/// <param name="device">Their training there.</param>
internal sealed class DeviceTrainees(IReadOnlyList<Trainee> all, IDeviceTraining device) : Trainees(all, addsUp: false)
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
        for (var i = 0; i < Parameters.Length; i++)
        {
            Schedule(settings, epochs, i);
        }

        return device.Step(_divisor, settings.ClipNorm, settings.ClipValue);
    }

    public override void TakeStepBack() => device.TakeBack();

    public override BadValue? FindBadGradient()
    {
        for (var i = 0; i < Gradients.Length; i++)
        {
            device.ReadGradients(i, Gradients[i].Edit());
        }

        ClearFrozen();
        return FindBad(Gradients);
    }
}
