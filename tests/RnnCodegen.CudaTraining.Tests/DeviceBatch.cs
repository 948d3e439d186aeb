using RnnCodegen.Cuda.Tests;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>A batch of one model, with a device's training of it: what a trainer asks of the seam, without a trainer.</summary>
internal sealed class DeviceBatch : IDisposable
{
    private readonly SoftwareDriver _driver = new();
    private readonly float[] _rows;
    private readonly int[] _tokens;
    private readonly int[] _lengths;
    private readonly Tape _tape;
    private readonly int _steps;
    private readonly int _batch;

    public DeviceBatch(bool isWords, Loss loss, Optimizer optimizer, bool addsUp = false, int batch = 3)
    {
        (_batch, _steps) = (batch, 4);
        Loss = loss;
        (Core, Placed) = isWords ? Create<Words>() : Create<Rows>();
        optimizer.Prepare(Core.Parameters);
        var training = ((ITrainingEngine)Placed.Engine).TryCreateTraining(
            new DeviceTrainingPlan([new Trainee(Placed, optimizer)], loss, _steps * _batch, _batch, 2, addsUp), out var reason);
        Assert.True(training is not null, reason);
        Training = training;
        var random = new Random(3);
        _rows = [.. Enumerable.Range(0, isWords ? 0 : _steps * _batch * 2).Select(_ => random.NextSingle())];
        _tokens = [.. Enumerable.Range(0, isWords ? _steps * _batch : 0).Select(_ => random.Next(6))];
        _lengths = [.. Enumerable.Range(0, _batch).Select(b => _steps - (b % 3))];
        _tape = Placed.CreateTape(_steps, _batch);
        _tape.DropoutSeed = 17;
        Features = Core.Definition.OutputSize;
        Output = new float[_steps * _batch * Features];
    }

    public ModelCore Core { get; }

    public ModelCore Placed { get; }

    public IDeviceTraining Training { get; }

    public Loss Loss { get; }

    public int Features { get; }

    /// <summary>The outputs of the last batch.</summary>
    public float[] Output { get; }

    private ModelInput Input => _tokens.Length > 0 ? new(_tokens) : new(_rows);

    /// <summary>The rows that can count: all, or all but those of the first steps.</summary>
    public LossShape Shape(int context, bool hasLengths, ReadOnlySpan<float> weights, ReadOnlySpan<float> stepWeights)
    {
        int[] lengths = hasLengths ? [.. _lengths.Select(n => n - context)] : [];
        return new LossShape(_steps - context, _batch, Features, lengths) { SampleWeights = weights, StepWeights = stepWeights };
    }

    /// <summary>Trains, and reads what the device made.</summary>
    public double Train(LossTargets targets, LossShape shape, double divisor, Span<float> gradients)
    {
        var sum = Training.Train(
            new DeviceRows(Input, _tape, shape.Lengths.IsEmpty ? [] : _lengths), null, null, targets, shape, divisor);
        Training.ReadOutput(Output);
        Training.ReadGradients(0, gradients);
        return sum;
    }

    /// <summary>The gradients of an output's gradient.</summary>
    public ParameterSet Backward(ReadOnlySpan<float> outputGradient, bool hasLengths)
    {
        var (tape, gradients) = (Placed.CreateTape(_steps, _batch), Placed.CreateGradients());
        tape.DropoutSeed = _tape.DropoutSeed;
        int[] lengths = hasLengths ? _lengths : [];
        if (_tokens.Length > 0)
        {
            Placed.Forward(_tokens, Output, tape, lengths);
        }
        else
        {
            Placed.Forward(_rows, Output, tape, lengths);
        }

        Placed.Backward(outputGradient, default, tape, gradients);
        return gradients;
    }

    public void Dispose()
    {
        Training.Dispose();
        Cuda.CudaModels.Dispose(Placed);
        _driver.RequireClean();
        _driver.Dispose();
    }

    private (ModelCore Core, ModelCore Placed) Create<TModel>()
        where TModel : class, IRnnModel<TModel>
    {
        var model = OnDevice.Model<TModel>();
        return (model.Core, OnDevice.Place(model, _driver).Core);
    }
}
