using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>The weights of attention, from a device and from the CPU.</summary>
public class AttentionTests
{
    private const string CopiesBack = "cuMemcpyDtoHAsync_v2";

    /// <summary>Samples and rows of different lengths; a row a step, and where a window takes two steps a row a sequence.</summary>
    [NvrtcFact]
    public void A_tape_tells_what_it_tells_on_the_CPU()
    {
        const int Steps = 4, Batch = 3, Rows = 6;
        using var driver = new SoftwareDriver();
        Compare(new AttendingDot(seed: 1), ["Context"], Steps);
        Compare(new AttendingTwice(seed: 2), ["First", "Second", "Third"], Steps);
        Compare(new AttendingOnce(seed: 3), ["Context"], 1);
        driver.RequireClean();

        void Compare<TModel>(TModel onCpu, string[] layers, int layerSteps)
            where TModel : class, IRnnModel<TModel>
        {
            var onDevice = Software.Place(onCpu, driver);
            var (expected, actual) = (Fill(onCpu), Fill(onDevice));
            foreach (var layer in layers)
            {
                for (var sample = 0; sample < Batch; sample++)
                {
                    var (a, b) = (actual.AttentionOf(sample, layer), expected.AttentionOf(sample, layer));
                    Assert.Equal((layerSteps, Rows), (a.GetLength(0), a.GetLength(1)));
                    Assert.Equal(b.GetLength(0), a.GetLength(0));
                    Near.Forward(
                        $"{onCpu.GetType().Name}.{layer} of sample {sample}", a.Cast<float>().ToArray(),
                        [.. b.Cast<float>().Select(w => (double)w)]);
                    Assert.Equal(b.Cast<float>().Select(w => w == 0), a.Cast<float>().Select(w => w == 0));
                }

                Assert.Throws<ArgumentOutOfRangeException>("sample", () => actual.AttentionOf(Batch, layer));
            }

            Assert.Throws<ArgumentException>("layer", () => actual.AttentionOf(0, "Other"));
            CudaModels.Dispose(onDevice.Core);
        }

        static Tape Fill<TModel>(TModel model)
            where TModel : class, IRnnModel<TModel>
        {
            var definition = model.Core.Definition;
            var state = model.Core.CreateState(Batch);
            state.SetMemory(Software.Uniform(Rows * Batch * definition.MemorySize, 4), Rows, [Rows, 3, 1]);
            var tape = model.Core.CreateTape(Steps, Batch);
            tape.KeepsAttention = true;
            var x = Software.Uniform(Steps * Batch * definition.InputSize, 5);
            model.Core.Forward(x, new float[definition.OutputRows(Steps, Batch) * definition.OutputSize], tape, [Steps, 2, 3], state);
            return tape;
        }
    }

    [NvrtcFact]
    public void A_state_tells_what_each_step_attended_to()
    {
        using var driver = new SoftwareDriver();
        var onCpu = new AttendingTwice(seed: 5);
        using (var model = Software.Place(onCpu, driver))
        {
            var memory = Software.Uniform(7 * 6, 1);
            var (state, other, expected) = (model.CreateState(), model.CreateState(), onCpu.CreateState());
            foreach (var each in new[] { state, other, expected })
            {
                each.SetMemory(memory, 7, [5]);
                each.KeepsAttention = true;
            }

            for (var t = 0; t < 3; t++)
            {
                var x = Software.Uniform(4, 10 + t);
                model.Step(x, new float[3], state);
                onCpu.Step(x, new float[3], expected);

                // Another stream's step in between changes nothing.
                model.Step(Software.Uniform(4, 20 + t), new float[3], other);
                foreach (var layer in new[] { "First", "Second", "Third" })
                {
                    var weights = state.AttentionOf(layer).ToArray();
                    Near.Forward(layer, weights, [.. expected.AttentionOf(layer).ToArray().Select(w => (double)w)]);
                    Assert.Equal([0, 0], weights[5..]);
                    Assert.NotEqual(weights, other.AttentionOf(layer).ToArray());
                }
            }

            state.KeepsAttention = false;
            model.Step(new float[4], new float[3], state);
            Assert.Throws<InvalidOperationException>(() => state.AttentionOf("First").ToArray());
        }

        driver.RequireClean();
    }

    [NvrtcFact]
    public void Weights_are_copied_when_they_are_first_asked_for_and_once()
    {
        using var driver = new SoftwareDriver();
        using (var model = Software.Place(new SmallDecoder(seed: 2), driver))
        {
            var tape = model.CreateTape(2, 2);
            var plain = Forward(model, tape, 1);
            var copies = driver.Calls[CopiesBack];
            tape.KeepsAttention = true;
            Assert.Equal(plain, Forward(model, tape, 1));
            Assert.Equal(copies + 1, driver.Calls[CopiesBack]);
            var first = tape.AttentionOf();
            _ = tape.AttentionOf(1);
            Assert.Equal(copies + 2, driver.Calls[CopiesBack]);

            // A replayed graph writes them anew; a Forward that is not to keep them leaves none.
            Forward(model, tape, 2);
            Assert.NotEqual(first.Cast<float>(), tape.AttentionOf().Cast<float>());
            Forward(model, tape, 1);
            Assert.Equal(first.Cast<float>(), tape.AttentionOf().Cast<float>());
            tape.KeepsAttention = false;
            Assert.Equal(plain, Forward(model, tape, 1));
            Assert.Throws<InvalidOperationException>(() => tape.AttentionOf());

            // A larger batch has room of its own.
            tape.KeepsAttention = true;
            tape.Reshape(3, 4);
            Forward(model, tape, 1);
            Assert.Equal(1, tape.AttentionOf(3).Cast<float>().Take(3).Sum(), 1e-6f);
        }

        driver.RequireClean();
    }

    [NvrtcFact]
    public void What_a_failure_took_is_said_so_and_kept_anew()
    {
        using var driver = new SoftwareDriver();
        using (var model = Software.Place(new SmallDecoder(seed: 2), driver))
        {
            var tape = model.CreateTape(2, 2);
            tape.KeepsAttention = true;
            Forward(model, tape, 1);
            driver.Fail("cuLaunchKernelEx", driver.Calls["cuLaunchKernelEx"] + 1, SoftwareError.OutOfMemory);
            Assert.Throws<CudaException>(() => Forward(model, model.CreateTape(1, 1), 1));
            Assert.Contains("call Forward again", Assert.Throws<InvalidOperationException>(() => tape.AttentionOf()).Message,
                StringComparison.Ordinal);
            Forward(model, tape, 1);
            var weights = tape.AttentionOf().Cast<float>().ToArray();
            Forward(model, tape, 1);
            driver.Fail(CopiesBack, driver.Calls[CopiesBack] + 1, SoftwareError.OutOfMemory);
            Assert.Throws<CudaException>(() => tape.AttentionOf());
            Forward(model, tape, 1);
            Assert.Equal(weights, tape.AttentionOf().Cast<float>());
            Forward(model, tape, 1);
            model.Dispose();
            Assert.Throws<ObjectDisposedException>(() => tape.AttentionOf());
        }

        driver.RequireClean();
    }

    private static float[] Forward(SmallDecoder model, Tape tape, int seed)
    {
        var state = model.CreateState(tape.Batch);
        state.SetMemory(Software.Uniform(3 * tape.Batch * 4, seed), 3);
        var y = new float[tape.Steps * tape.Batch * 2];
        model.Forward(Software.Uniform(tape.Steps * tape.Batch * 3, seed), y, tape, initialState: state);
        return y;
    }
}
