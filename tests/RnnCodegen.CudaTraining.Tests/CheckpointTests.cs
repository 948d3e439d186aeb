using RnnCodegen.PtxMachine;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Checkpoints that the device's training and the CPU's write and read.</summary>
public class CheckpointTests
{
    [NvrtcTheory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Training_goes_on_where_another_stopped(bool begins, bool goesOn)
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "training.rnnc");
        Trained Train(bool isOnDevice, int epochs, string? resumes = null) => Trained.Of<Words>(
            isOnDevice, Loss.CrossEntropy, new RmsProp(0.02, momentum: 0.5), OnDevice.WordSet(), OnDevice.WordSet(), epochs,
            (model, loss, optimizer) => new(model, loss, optimizer) { BatchSize = 2, Checkpoint = new CheckpointOptions(path) },
            resumes);

        var whole = Train(goesOn, 4);
        Train(begins, 2);
        var resumed = Train(goesOn, 4, path);
        Assert.Equal(whole.Result!.Updates, resumed.Result!.Updates);
        Assert.Equal(whole.Optimizer.StepCount, resumed.Optimizer.StepCount);
        if (begins == goesOn)
        {
            Assert.Equal(whole.Parameters, resumed.Parameters);
            Assert.Equal(whole.Result.TrainingLosses, resumed.Result.TrainingLosses);
            Assert.All(whole.Optimizer.Slots.Zip(resumed.Optimizer.Slots), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
            return;
        }

        OnDevice.Near(whole.Parameters, resumed.Parameters, 5e-5);
        OnDevice.Near([.. whole.Result.TrainingLosses], [.. resumed.Result.TrainingLosses], 5e-5);
        OnDevice.Near([.. whole.Result.ValidationLosses], [.. resumed.Result.ValidationLosses], 5e-5);
    }
}
