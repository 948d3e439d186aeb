using RnnCodegen.Cuda.Tests;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>What a training came to.</summary>
internal sealed record Trained(float[] Parameters, float[] Norms, TrainingResult? Result, TrainingDivergedException? Divergence)
{
    public required Optimizer Optimizer { get; init; }

    /// <summary>Trains a model on the CPU, or on a software device that is clean afterwards.</summary>
    public static Trained Of<TModel>(
        bool isOnDevice, Loss loss, Optimizer optimizer, TrainingSet set, TrainingSet? validation, int epochs,
        Func<TModel, Loss, Optimizer, Trainer<TModel>>? create = null, string? resumes = null)
        where TModel : class, IRnnModel<TModel>
    {
        using var driver = new SoftwareDriver();
        var cpu = OnDevice.Model<TModel>();
        var model = isOnDevice ? OnDevice.Place(cpu, driver) : cpu;
        var trainer = create is null ? new Trainer<TModel>(model, loss, optimizer) { BatchSize = 2 } : create(model, loss, optimizer);
        var norms = new NormList();
        TrainingResult? result = null;
        TrainingDivergedException? divergence = null;
        try
        {
            result = resumes is null
                ? trainer.Fit(set, validation, epochs, norms)
                : trainer.Resume(resumes, set, validation, epochs, norms);
        }
        catch (TrainingDivergedException e)
        {
            divergence = e;
        }

        // All is back with the end of the training.
        Assert.Null(cpu.Core.Parameters.Holder);
        Assert.Null(optimizer.Holder);
        OnDevice.End(model);
        driver.RequireClean();
        return new(cpu.Core.Parameters.Values.ToArray(), [.. norms.All], result, divergence) { Optimizer = optimizer };
    }

    private sealed class NormList : IProgress<TrainingProgress>
    {
        public List<float> All { get; } = [];

        public void Report(TrainingProgress value) => All.Add(value.GradientNorm);
    }
}
