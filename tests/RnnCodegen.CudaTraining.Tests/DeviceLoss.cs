using RnnCodegen.Cuda.Tests;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>A loss on the device, of outputs that the caller says, by the way that a trainer takes.</summary>
internal sealed class DeviceLoss : IDisposable
{
    public const int Features = 4;

    private readonly SoftwareDriver _driver = new();
    private readonly ModelCore _placed;
    private readonly IDeviceTraining _training;
    private readonly Loss _loss;
    private readonly Tape _tape;
    private readonly int[] _tokens;

    /// <param name="loss">The loss.</param>
    /// <param name="steps">Steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="labels">Most labels of a sample.</param>
    public DeviceLoss(Loss loss, int steps, int batch, int labels = 0)
    {
        _loss = loss;
        _placed = Place<Lookup>(_driver);
        var optimizer = new Sgd(0.1);
        optimizer.Prepare(_placed.Parameters);
        var training = ((ITrainingEngine)_placed.Engine).TryCreateTraining(
            new DeviceTrainingPlan([new Trainee(_placed, optimizer)], loss, steps * batch, batch, labels, false), out var reason);
        Assert.True(training is not null, reason);
        _training = training;
        _tape = _placed.CreateTape(steps, batch);
        _tokens = [.. Enumerable.Range(0, steps * batch)];
    }

    /// <summary>The loss, and its gradient, as <see cref="Loss.Compute(ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float}, LossShape)"/>
    /// has them.</summary>
    public double Compute(ReadOnlySpan<float> output, LossTargets targets, Span<float> gradient, LossShape shape)
    {
        output.CopyTo(_placed.Parameters.Edit());
        var divisor = _loss.Divisor(targets, shape);
        var sum = _training.Train(new DeviceRows(new(_tokens), _tape, shape.Lengths), null, null, targets, shape, divisor);
        var gradients = new float[_placed.Parameters.Count];
        _training.ReadGradients(0, gradients);
        gradients.AsSpan(0, gradient.Length).CopyTo(gradient);
        return sum / divisor;
    }

    public void Dispose()
    {
        _training.Dispose();
        Cuda.CudaModels.Dispose(_placed);
        _driver.RequireClean();
        _driver.Dispose();
    }

    private static ModelCore Place<TModel>(SoftwareDriver driver)
        where TModel : class, IRnnModel<TModel> => OnDevice.Place(OnDevice.Model<TModel>(), driver).Core;
}
