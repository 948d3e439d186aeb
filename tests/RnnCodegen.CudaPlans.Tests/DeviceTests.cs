using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.CudaEngine.Tests;
using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.PtxMachine;

namespace RnnCodegen.CudaPlans.Tests;

/// <summary>
/// Plans for machines that hold next to nothing, so that small models take what large ones do: clusters, weights in shared memory, single
/// steps, several samples in a block and several chunks in a sequence. The engine runs them on the software device, as it does those for
/// GPUs in <see cref="CaseTests"/>, against the reference and on as many cases.
/// </summary>
public class DeviceTests
{
    // Blocks that share a batch, and steps of a chunk.
    private const int Few = 2, ChunkSteps = 3;

    /// <summary>On a machine whose blocks hold next to nothing: clusters of several blocks, weights in shared memory.</summary>
    [NvrtcTheory]
    [MemberData(nameof(CaseTests.Cases), MemberType = typeof(CaseTests))]
    public void Device_code_over_clusters_equals_reference(string name) =>
        Check(name, new DeviceMachine { WeightsOfThread = 4, WeightsInShared = 2048, LargeWeights = 1, Samples = 2 });

    /// <summary>On a machine without clusters: large loops are launches of their own for each step.</summary>
    [NvrtcTheory]
    [MemberData(nameof(CaseTests.Cases), MemberType = typeof(CaseTests))]
    public void Device_code_step_by_step_equals_reference(string name) =>
        Check(name, new DeviceMachine { WeightsOfThread = 0, WeightsInShared = 0, LargeWeights = 1 });

    private static void Check(string name, DeviceMachine machine)
    {
        var shape = CaseTests.All.Single(c => c.Name == name);
        var (program, cluster) = PlannedProgram.Of(shape.Model, machine);

        // Clusters take one sample each where there are multiprocessors for all of them at once: here for so few samples.
        using var driver = new SoftwareDriver(new SoftwareCard { Multiprocessors = Few * cluster });
        var options = Software.On(driver, new() { Parts = Few, Blocks = Few, ChunkRows = ChunkSteps * shape.Batch });
        DeviceCase.Check(shape, core =>
        {
            var placed = CudaModels.TryCreate(core, program, out var reason, options);
            Assert.True(placed is not null, reason);
            return placed;
        });
        driver.RequireClean();
    }
}
