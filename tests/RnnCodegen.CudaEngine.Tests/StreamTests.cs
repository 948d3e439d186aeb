using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>Streams that a device steps together.</summary>
public class StreamTests
{
    [NvrtcFact]
    public void Each_stream_is_what_it_is_alone()
    {
        const int Count = 9, Steps = 4;
        using var driver = new SoftwareDriver();
        var onCpu = new SmallRows(seed: 3);
        using (var model = Software.Place(onCpu, driver))
        using (var streams = model.CreateStreams(Count))
        {
            var alone = Enumerable.Range(0, Count).Select(_ => onCpu.CreateStream()).ToArray();
            var (y, expected) = (new float[Count * 2], new float[Count * 2]);
            Assert.Equal(Count, streams.Count);
            for (var t = 0; t < Steps; t++)
            {
                if (t == 2)
                {
                    streams.Reset(4);
                    alone[4].State.Reset();
                }

                var x = Software.Uniform(Count * 3, t);
                streams.Step(x, y);
                for (var stream = 0; stream < Count; stream++)
                {
                    alone[stream].Step(x.AsSpan(3 * stream, 3), expected.AsSpan(2 * stream, 2));
                }

                Assert.Equal(expected, y, Near);
            }

            var state = model.CreateState();
            streams.CopyStateTo(7, state);
            var (values, others) = (new float[state.Length], new float[state.Length]);
            state.CopyTo(values);
            alone[7].State.CopyTo(others);
            Assert.Equal(others, values, Near);
            streams.CopyStateFrom(0, alone[7].State);
            streams.Step(new float[Count * 3], y);
            Assert.Equal(y[14..16], y[0..2], Near);
            Assert.NotEqual(y[14..16], y[2..4]);

            streams.Reset();
            streams.Step(new float[Count * 3], y);
            Assert.Equal(y[0..2], y[16..18]);
        }

        driver.RequireClean();
    }

    [NvrtcFact]
    public void Tokens_start_from_learned_states_as_they_are_at_the_reset()
    {
        using var driver = new SoftwareDriver();
        var onCpu = new SmallWords(seed: 4);
        using (var model = Software.Place(onCpu, driver))
        using (var streams = model.CreateStreams(3))
        {
            Software.Uniform(onCpu.Parameters.Count, 8).CopyTo(onCpu.Parameters.Edit());
            streams.Reset();
            var (y, expected) = (new float[3 * 7], new float[7]);
            streams.Step([2, 0, 6], y);
            for (var stream = 0; stream < 3; stream++)
            {
                onCpu.CreateStream().Step(new[] { 2, 0, 6 }[stream], expected);
                Assert.Equal(expected, y.AsSpan(7 * stream, 7).ToArray(), Near);
            }

            Assert.Throws<ArgumentOutOfRangeException>(() => streams.Step([2, 0, 7], y));
            Assert.Throws<ArgumentException>(() => streams.Step([2, 0], y));
            Assert.Throws<ArgumentException>(() => streams.Step([2, 0, 1], y.AsSpan(1)));
            Assert.Throws<ArgumentException>(() => streams.Step(new float[3], y));
            Assert.Throws<ArgumentOutOfRangeException>(() => streams.Reset(3));
            Assert.Throws<ArgumentOutOfRangeException>(() => streams.CopyStateTo(-1, model.CreateState()));
            Assert.Throws<ArgumentException>(() => streams.CopyStateTo(0, model.CreateState(2)));
        }

        driver.RequireClean();
    }

    [NvrtcFact]
    public void Models_that_cannot_be_stepped_together_say_why()
    {
        using var driver = new SoftwareDriver();
        using (var attending = Software.Place(new SmallDecoder(), driver))
        {
            Assert.Contains("CreateStream", Assert.Throws<InvalidOperationException>(() => attending.CreateStreams(2)).Message,
                StringComparison.Ordinal);
            Assert.Throws<ArgumentOutOfRangeException>(() => attending.CreateStreams(0));
        }

        Assert.Null(typeof(SmallBoth).GetMethod("CreateStreams"));
        driver.RequireClean();
    }

    [NvrtcFact]
    public void Streams_give_their_memory_back_before_the_model_does()
    {
        using var driver = new SoftwareDriver();
        using (var model = Software.Place(new SmallRows(), driver))
        {
            model.CreateStreams(2).Dispose();
            var held = driver.Memory.Allocated;
            var streams = model.CreateStreams(50);
            Assert.True(driver.Memory.Allocated > held);
            streams.Dispose();
            streams.Dispose();
            Assert.Equal(held, driver.Memory.Allocated);
            Assert.Throws<ObjectDisposedException>(() => streams.Reset());
        }

        driver.RequireClean();
    }

    private static bool Near(float a, float b) => MathF.Abs(a - b) < 2e-6f;
}
