using RnnCodegen.Cuda;
using RnnCodegen.PtxMachine;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>Calls of shapes that came before allocate nothing that the collector has to find again.</summary>
[Collection(nameof(AllocationTests))]
public class AllocationTests
{
    private static readonly CudaOptions s_options =
        new() { Driver = IdleDriver.Table, WantsPtx = true, CacheFolder = Path.Combine(AppContext.BaseDirectory, "compiled") };

    [NvrtcFact]
    public void Steps_runs_and_streams_allocate_nothing()
    {
        using var model = SmallRows.TryCreateCuda(out var reason, s_options);
        Assert.True(model is not null, reason);
        var (x, y, lengths) = (new float[2 * 3 * 3], new float[2 * 3 * 2], new[] { 1, 2, 0 });
        var (state, states) = (model.CreateState(), model.CreateState(3));
        using var streams = model.CreateStreams(3);
        Warm(() =>
        {
            model.Step(x.AsSpan(0, 3), y.AsSpan(0, 2), state);
            model.Run(x, y, 2, 3, lengths, states, states);
            model.Run(x.AsSpan(0, 6), y.AsSpan(0, 4), 2);
            streams.Step(x.AsSpan(0, 9), y.AsSpan(0, 6));
            streams.Reset(1);
        });
    }

    [NvrtcFact]
    public void Training_allocates_nothing_also_where_the_parameters_change()
    {
        using var model = SmallDecoder.TryCreateCuda(out var reason, s_options);
        Assert.True(model is not null, reason);
        var (x, y) = (new float[2 * 3 * 3], new float[2 * 3 * 2]);
        var (tape, gradients) = (model.CreateTape(2, 3), model.CreateGradients());
        var (state, dInitial) = (model.CreateState(3), model.CreateState(3));
        var memory = new float[4 * 3 * 4];
        Warm(() =>
        {
            state.SetMemory(memory, 4);
            _ = model.Parameters.Edit();
            model.Forward(x, y, tape, initialState: state, finalState: state);
            model.Backward(y, x, tape, gradients, accumulate: true, state, dInitial);
        });
    }

    private static void Warm(Action action)
    {
        // More calls than gradients are added up in single precision.
        for (var call = 0; call < 20; call++)
        {
            action();
        }

        Allocation.AssertNone(action);
    }
}

/// <summary>What measures allocations runs alone.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public class AllocationCollection;
