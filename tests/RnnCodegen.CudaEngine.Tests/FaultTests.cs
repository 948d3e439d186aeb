using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>
/// Each call of the driver that a model makes fails once: the exception names it, nothing is leaked, the parameters are as they were, and
/// the model computes with them on the CPU, and where the device is still there on that too.
/// </summary>
public class FaultTests
{
    private const int Steps = 2, Batch = 2;

    private static readonly float[] Rows = Software.Uniform(Steps * Batch * SmallRows.InputSize, 1);
    private static readonly float[] Memory = Software.Uniform(2 * Batch * 4, 2);

    public static TheoryData<string, int> Uses()
    {
        var data = new TheoryData<string, int>();
        foreach (var use in new[] { "Run", "Step", "Train", "Stream" })
        {
            data.Add(use, SoftwareError.OutOfMemory);
            data.Add(use, SoftwareError.IllegalAddress);
        }

        return data;
    }

    [NvrtcTheory]
    [MemberData(nameof(Uses))]
    public void Any_call_may_fail(string use, int error)
    {
        using var driver = new SoftwareDriver();
        using var subject = new Subject(driver);
        var before = driver.Calls.ToDictionary();
        subject.Use(use);
        Assert.True(driver.Calls.Count(call => call.Value > before.GetValueOrDefault(call.Key)) > 4, string.Join(", ", driver.Calls.Keys));
        SoftwareSweep.EachCall(before, driver.Calls.ToDictionary(), 3, (entry, call) => FailAt(use, entry, call, error));
    }

    /// <summary>What fails while a model comes to a device is the reason why it does not; a later try goes well.</summary>
    [NvrtcTheory]
    [InlineData(SoftwareError.OutOfMemory)]
    [InlineData(SoftwareError.IllegalAddress)]
    public void Any_call_that_brings_a_model_to_a_device_may_fail(int error)
    {
        using var driver = new SoftwareDriver();
        Software.Place(new SmallDecoder(), driver).Dispose();
        SoftwareSweep.EachCall(
            new Dictionary<string, int>(), driver.Calls.ToDictionary(), 3, (entry, call) => FailToCome(entry, call, error));
    }

    private static void FailToCome(string entry, int call, int error)
    {
        using var driver = new SoftwareDriver();
        var cpu = new SmallDecoder(seed: 4);
        driver.Fail(entry, call, error);
        using (var model = cpu.TryToCuda(out var reason, Software.On(driver)))
        {
            // What failed is the reason, or it failed when the model was given back.
            var failure = $"{entry} failed: {SoftwareError.Name(error)}";
            Assert.True(model is null ? reason.Contains(failure, StringComparison.Ordinal) : driver.LaunchedBeforeFailure is null, reason);
        }

        Assert.NotNull(driver.LaunchedBeforeFailure);
        Assert.Equal("", driver.Held());
        Train(cpu);
        if (!SoftwareError.IsSticky(error))
        {
            using var again = Software.Place(cpu, driver);
            Train(again);
        }

        Assert.Equal("", driver.Held());
        Assert.Empty(driver.Complaints);
    }

    private static void FailAt(string use, string entry, int call, int error)
    {
        using var driver = new SoftwareDriver();
        using (var subject = new Subject(driver))
        {
            var parameters = subject.Parameters.ToArray();
            driver.Fail(entry, call, error);
            var failure = Record.Exception(() => subject.Use(use));
            Assert.NotNull(driver.LaunchedBeforeFailure);
            if (failure is null)
            {
                Assert.True(SoftwareSweep.GivesBack(entry), "Nothing was told.");
            }
            else
            {
                var told = Assert.IsType<CudaException>(failure);
                Assert.True(told.Call == entry || SoftwareSweep.GivesBack(entry), failure.Message);
                Assert.Contains($"{told.Call} failed: {SoftwareError.Name(error)}", failure.Message, StringComparison.Ordinal);
            }

            Assert.Equal(parameters, subject.Parameters);
            subject.UseOnCpu();
            if (!SoftwareError.IsSticky(error))
            {
                subject.Restart();
                Assert.Null(Record.Exception(() => subject.Use(use)));
            }
        }

        Assert.Equal("", driver.Held());
        Assert.Empty(driver.Complaints);
    }

    /// <summary>Models of a test, on both sides.</summary>
    private sealed class Subject : IDisposable
    {
        private readonly SmallRows _cpu = new(seed: 3);
        private readonly SmallDecoder _cpuDecoder = new(seed: 4);
        private readonly SmallRows _rows;
        private readonly SmallDecoder _decoder;
        private readonly CudaStreams _streams;
        private readonly List<CudaStreams> _more = [];

        public Subject(SoftwareDriver driver)
        {
            _rows = Software.Place(_cpu, driver);
            _decoder = Software.Place(_cpuDecoder, driver);
            _streams = _rows.CreateStreams(2);
        }

        public ReadOnlySpan<float> Parameters => _cpu.Parameters.Values;

        public void Restart() => _streams.Reset();

        public void Use(string use)
        {
            switch (use)
            {
                case "Run":
                    Run(_rows);
                    break;
                case "Step":
                    Step(_decoder);
                    break;
                case "Train":
                    Train(_decoder);
                    break;
                default:
                    Stream();
                    break;
            }
        }

        public void UseOnCpu()
        {
            Run(_cpu);
            Train(_cpuDecoder);
        }

        public void Dispose()
        {
            _more.ForEach(streams => streams.Dispose());
            _streams.Dispose();
            _rows.Dispose();
            _decoder.Dispose();
        }

        private void Stream()
        {
            for (var again = 0; again < 3; again++)
            {
                _streams.Step(new float[6], new float[4]);
                _streams.Reset(1);
            }

            // Disposed at the end: what releases memory tells no failure.
            _more.Add(_rows.CreateStreams(3));
            _more[^1].Step(new float[9], new float[6]);
        }
    }

    private static void Run(SmallRows model)
    {
        for (var again = 0; again < 3; again++)
        {
            model.Run(Rows, new float[Steps * Batch * 2], Steps, Batch, [2, 1], finalState: model.CreateState(Batch));
        }
    }

    private static void Step(SmallDecoder model)
    {
        var state = model.CreateState();
        state.SetMemory(Memory.AsSpan(0, 8), 2);
        state.KeepsAttention = true;
        for (var again = 0; again < 3; again++)
        {
            model.Step(Rows.AsSpan(0, 3), new float[2], state);
        }
    }

    private static void Train(SmallDecoder model)
    {
        var (tape, gradients, state) = (model.CreateTape(Steps, Batch), model.CreateGradients(), model.CreateState(Batch));
        state.SetMemory(Memory, 2);
        tape.KeepsAttention = true;
        var (y, dInitial) = (new float[Steps * Batch * 2], model.CreateState(Batch));
        for (var again = 0; again < 3; again++)
        {
            model.Forward(Rows, y, tape, initialState: state);
            _ = tape.AttentionOf();
            model.Backward(y, new float[Rows.Length], tape, gradients, initialStateGradient: dInitial);
        }
    }
}
