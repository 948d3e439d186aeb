using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>What a user has of a model on a GPU, and reads where there is none.</summary>
public class ModelTests
{
    private const int Steps = 4, Batch = 3;

    private static readonly float[] Rows = Software.Uniform(Steps * Batch * SmallRows.InputSize, 1);

    [NoDriverFact]
    public void Without_a_driver_there_is_no_model_but_a_sentence()
    {
        Assert.Null(SmallRows.TryCreateCuda(out var reason));
        Assert.Equal(
            "There is no NVIDIA driver on this machine: libcuda.so.1, libcuda.so and nvcuda.dll were looked for, and none could be loaded.",
            reason);
    }

    [Fact]
    public void Of_a_model_on_the_CPU_the_members_for_GPUs_say_so_and_do_nothing()
    {
        var model = new SmallRows();
        model.Dispose();
        Assert.Equal((false, "CPU"), (model.IsCuda, model.Device));
        Assert.Contains("TryToCuda", Assert.Throws<InvalidOperationException>(() => model.CreateStreams(2)).Message,
            StringComparison.Ordinal);
        Assert.Equal(Run(new SmallRows()), Run(model));
    }

    [Fact]
    public void A_driver_that_finds_no_GPU_is_named()
    {
        using var driver = new SoftwareDriver(new SoftwareCard { Devices = 0 });
        Assert.Null(SmallRows.TryCreateCuda(out var reason, Software.On(driver)));
        Assert.Contains("finds no GPU", reason, StringComparison.Ordinal);
        driver.RequireClean();
    }

    [NvrtcFact]
    public void A_model_says_what_it_computes_on()
    {
        using var driver = new SoftwareDriver();
        using (var model = SmallRows.TryCreateCuda(out var reason, Software.On(driver)))
        {
            Assert.NotNull(model);
            Assert.Equal((true, "Software H200"), (model.IsCuda, model.Device));
            Assert.StartsWith(
                "Software H200 (sm_90, 132 multiprocessors), with a driver for CUDA 12.4; the device code is ", reason,
                StringComparison.Ordinal);
            Assert.Equal(Run(new SmallRows()), Run(model), (a, b) => MathF.Abs(a - b) < 1e-6f);
            model.MaxThreads = 4;
            Assert.Throws<ArgumentOutOfRangeException>(() => model.MaxThreads = 65);
        }

        driver.RequireClean();
    }

    [NvrtcFact]
    public void Parameters_are_shared_and_copied_when_they_have_changed()
    {
        using var driver = new SoftwareDriver();
        var model = new SmallRows(seed: 5);
        using (var placed = Software.Place(model, driver))
        {
            Assert.Same(model.Parameters, placed.Parameters);
            var before = Run(placed);
            var copies = driver.Calls["cuMemcpyHtoDAsync_v2"];
            Assert.Equal(before, Run(placed));
            Assert.Equal(1, driver.Calls["cuMemcpyHtoDAsync_v2"] - copies);
            new SmallRows(seed: 6).Parameters.Values.CopyTo(model.Parameters.Edit());
            Assert.NotEqual(before, Run(placed));
            Assert.Equal(Run(model), Run(placed), (a, b) => MathF.Abs(a - b) < 1e-6f);
        }

        driver.RequireClean();
    }

    /// <summary>The first time kernels are launched one by one, the second time kept, then replayed.</summary>
    [NvrtcFact]
    public void Equal_calls_give_equal_bits_and_become_graphs()
    {
        using var driver = new SoftwareDriver();
        using (var model = Software.Place(new SmallRows(), driver))
        {
            var (run, training) = (Run(model), Train(model));
            for (var again = 0; again < 3; again++)
            {
                Assert.Equal(run, Run(model));
            }

            var launches = driver.Calls["cuGraphLaunch"];
            Assert.Equal(2, launches - 1);
            Assert.Equal(run, Run(model));
            Assert.Equal(launches + 1, driver.Calls["cuGraphLaunch"]);
            Assert.Equal(training, Train(model));
            using var other = Software.Place(model, driver);
            Assert.Equal(run, Run(other));
            Assert.Equal(training, Train(other));
        }

        driver.RequireClean();
    }

    [NvrtcFact]
    public void Memory_grows_with_larger_calls_and_smaller_ones_are_as_before()
    {
        using var driver = new SoftwareDriver();
        using (var model = Software.Place(new SmallRows(), driver))
        {
            var y = new float[2];
            model.Run(Rows.AsSpan(0, 3), y, 1);
            model.Run(Rows.AsSpan(0, 3), y, 1);
            var small = y.ToArray();
            Run(model);
            model.Run(Rows.AsSpan(0, 3), y, 1);
            Assert.Equal(small, y);
        }

        driver.RequireClean();
    }

    [NvrtcFact]
    public void A_disposed_model_says_so_and_leaves_tapes_and_parameters()
    {
        using var driver = new SoftwareDriver();
        var model = Software.Place(new SmallRows(), driver);
        var tape = model.CreateTape(Steps, Batch);
        var streams = model.CreateStreams(2);
        model.Forward(Rows, new float[Steps * Batch * 2], tape);
        model.Dispose();
        model.Dispose();
        driver.RequireClean();
        Assert.Contains(nameof(SmallRows), Assert.Throws<ObjectDisposedException>(() => Run(model)).Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => streams.Step(new float[6], new float[4]));
        streams.Dispose();
        Assert.Equal(new SmallRows().Parameters.Values, model.Parameters.Values);
        driver.RequireClean();
    }

    [NvrtcFact]
    public void A_tape_and_a_memory_are_one_models()
    {
        using var driver = new SoftwareDriver();
        var onCpu = new SmallDecoder();
        using (var model = Software.Place(onCpu, driver))
        using (var other = Software.Place(onCpu, driver))
        {
            var (x, y) = (new float[3], new float[2]);
            var foreign = other.CreateState();
            foreign.SetMemory(new float[8], 2);
            Assert.Contains("CreateState", Assert.Throws<ArgumentException>(() => model.Run(x, y, 1, initialState: foreign)).Message,
                StringComparison.Ordinal);
            var onDevice = model.CreateState();
            onDevice.SetMemory(new float[8], 2);
            Assert.Contains("CreateState", Assert.Throws<ArgumentException>(() => onCpu.Run(x, y, 1, initialState: onDevice)).Message,
                StringComparison.Ordinal);
            var state = model.CreateState();
            state.SetMemory(new float[8], 2);
            Assert.Contains("CreateTape", Assert.Throws<ArgumentException>(
                () => model.Forward(x, y, other.CreateTape(1, 1), initialState: state)).Message, StringComparison.Ordinal);
            Assert.Contains("CreateTape", Assert.Throws<ArgumentException>(
                () => model.Forward(x, y, onCpu.CreateTape(1, 1), initialState: state)).Message, StringComparison.Ordinal);
        }

        driver.RequireClean();
    }

    /// <summary>A decoder steps with a memory that was copied to the device once, and with others that share it.</summary>
    [NvrtcFact]
    public void A_memory_is_copied_once_for_all_steps_and_states()
    {
        using var driver = new SoftwareDriver();
        var onCpu = new SmallDecoder(seed: 2);
        using (var model = Software.Place(onCpu, driver))
        {
            var (x, memory) = (Software.Uniform(3, 4), Software.Uniform(12, 5));
            float[] Steps(SmallDecoder decoder)
            {
                var (state, y) = (decoder.CreateState(), new float[4]);
                state.SetMemory(memory, 3, [2]);
                decoder.Step(x, y.AsSpan(0, 2), state);
                var beam = decoder.CreateState();
                beam.CopyFrom(state);
                decoder.Step(x, y.AsSpan(2), beam);
                return y;
            }

            Assert.Equal(Steps(onCpu), Steps(model), (a, b) => MathF.Abs(a - b) < 1e-6f);

            // The parameters, the memory and its lengths, and each of the two steps.
            Assert.Equal(5, driver.Calls["cuMemcpyHtoDAsync_v2"]);
        }

        driver.RequireClean();
    }

    private static float[] Run(SmallRows model)
    {
        var y = new float[Steps * Batch * SmallRows.OutputSize];
        model.Run(Rows, y, Steps, Batch, [4, 0, 2]);
        return y;
    }

    private static float[] Train(SmallRows model)
    {
        var (tape, gradients) = (model.CreateTape(Steps, Batch), model.CreateGradients());
        var y = new float[Steps * Batch * SmallRows.OutputSize];
        tape.DropoutSeed = 9;
        model.Forward(Rows, y, tape);
        model.Backward(y, new float[Rows.Length], tape, gradients);
        return gradients.Values.ToArray();
    }
}

/// <summary>A test of a machine without NVIDIA's driver.</summary>
public sealed class NoDriverFactAttribute : FactAttribute
{
    /// <summary>Skipped where there is one.</summary>
    public NoDriverFactAttribute() => Skip = CudaDriver.TryLoad(out _) is null ? null : "This machine has NVIDIA's driver.";
}
