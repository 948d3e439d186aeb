using RnnCodegen.Cuda;
using RnnCodegen.CudaEngine.Tests;
using RnnCodegen.PtxMachine;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Updates on the device allocate nothing that the collector has to find again.</summary>
[Collection(nameof(AllocationTests))]
public class AllocationTests
{
    [NvrtcTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Updates_allocate_nothing(int batches)
    {
        CudaOptions options = new() { Driver = IdleDriver.Table, WantsPtx = true };
        using var model = Rows.TryCreateCuda(out var reason, options);
        Assert.True(model is not null, reason);
        var set = OnDevice.RowSet(isWeighted: true);
        var trainer = new Trainer<Rows>(model, Loss.Huber, new Adam(0.01)) { BatchSize = 2, BatchesPerUpdate = batches, ClipNorm = 1 };
        string? placement = null;
        Allocation.AssertNoneBetweenUpdates(progress => placement = trainer.Fit(set, null, 60, progress).Placement);
        Assert.StartsWith("Models, losses", placement, StringComparison.Ordinal);
    }

    [NvrtcTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Nor_do_those_of_pairs(int batches)
    {
        CudaOptions options = new() { Driver = IdleDriver.Table, WantsPtx = true };
        using var reader = Reader.TryCreateCuda(out _, options);
        using var looker = Looker.TryCreateCuda(out var reason, options);
        Assert.True(reader is not null && looker is not null, reason);
        var trainer = new SequenceToSequenceTrainer<Reader, Looker>(new(reader, looker, 5, 4), new Adam(0.01), new Adam(0.01))
        {
            BatchSize = 2, BatchesPerUpdate = batches, ClipNorm = 1,
        };
        string? placement = null;
        Allocation.AssertNoneBetweenUpdates(
            progress => placement = trainer.Fit(TrainedPair.Set(false), null, 60, progress).Placement);
        Assert.StartsWith("Models, losses", placement, StringComparison.Ordinal);
    }
}

/// <summary>What measures allocations runs alone.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public class AllocationCollection;
