using RnnCodegen.Runtime;
using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>
/// What several threads promise: the same bits in each repetition, and, but for the order of gradients' sums, those of one thread.
/// </summary>
[Collection("One team of workers")]
public class ThreadTests
{
    private const int Steps = 6;
    private const int Batch = 27;

    private static readonly int[] Lengths = [.. Enumerable.Range(0, Batch).Select(b => b * 7 % (Steps + 1))];

    private static Dictionary<string, TestModel> All { get; } = new()
    {
        [nameof(LstmI17H17)] = TestModel.Of<LstmI17H17>(),
        [nameof(GruI40H33)] = TestModel.Of<GruI40H33>(),
        [nameof(LstmStackedBidirectional)] = TestModel.Of<LstmStackedBidirectional>(),
        [nameof(Dropped)] = TestModel.Of<Dropped>(),
        [nameof(DroppedBidirectional)] = TestModel.Of<DroppedBidirectional>(),
        [nameof(LstmNoise)] = TestModel.Of<LstmNoise>(),
        [nameof(GruNoise)] = TestModel.Of<GruNoise>(),
        [nameof(SoftmaxClassifier)] = TestModel.Of<SoftmaxClassifier>(),
        [nameof(SigmoidTagger)] = TestModel.Of<SigmoidTagger>(),
        [nameof(LanguageModel)] = TestModel.Of<LanguageModel>(),
        [nameof(Residual)] = TestModel.Of<Residual>(),
    };

    public static TheoryData<string, SimdWidth> Models()
    {
        var rows = new TheoryData<string, SimdWidth>();
        foreach (var name in All.Keys)
        {
            foreach (var width in Enum.GetValues<SimdWidth>())
            {
                rows.Add(name, width);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void All_but_weight_gradients_is_that_of_one_thread_bit_for_bit(string name, SimdWidth width)
    {
        var alone = new Call(name, width, 1).Compute();
        foreach (var threads in new[] { 2, 3 })
        {
            var call = new Call(name, width, threads);
            var results = call.Compute();
            Assert.Equal(threads, call.Probe.Calls.ToArray().Select(c => c.First).Distinct().Count());
            Near.Same("Run's output", results.Run, alone.Run);
            Near.Same("Run's final state", results.RunState, alone.RunState);
            Near.Same("Forward's output", results.Output, alone.Output);
            Near.Same("Forward's final state", results.State, alone.State);
            Near.Same("gradient of x", results.InputGradient, alone.InputGradient);
            Near.Same("gradient of the initial state", results.StateGradient, alone.StateGradient);
            Near.Gradient("gradients", results.Gradients, Array.ConvertAll(alone.Gradients, g => (double)g));
        }
    }

    [Theory]
    [InlineData(nameof(LstmStackedBidirectional), 2)]
    [InlineData(nameof(Dropped), 3)]
    [InlineData(nameof(LanguageModel), 3)]
    public void Repetitions_are_equal_bit_for_bit(string name, int threads)
    {
        var call = new Call(name, TestModel.Widest, threads);
        var first = call.Compute();
        for (var repetition = 0; repetition < 20; repetition++)
        {
            var again = call.Compute();
            Near.Same("Run's output", again.Run, first.Run);
            Near.Same("Forward's output", again.Output, first.Output);
            Near.Same("gradient of x", again.InputGradient, first.InputGradient);
            Near.Same("gradients", again.Gradients, first.Gradients);
        }
    }

    [Fact]
    public void A_call_uses_the_samples_its_threads_get()
    {
        var call = new Call(nameof(LstmI17H17), TestModel.Widest, 3);
        call.Core.Run(call.X, new float[call.Rows * call.Core.Definition.OutputSize], Steps, Batch);
        Assert.Equal([(0, 10), (10, 10), (20, 7)], call.Probe.Calls.ToArray().Select(c => (c.First, c.Batch)).Order());
    }

    [Fact]
    public void Gradients_of_a_batch_divided_for_more_threads_than_there_are_now_are_the_same()
    {
        var call = new Call(nameof(LstmI17H17), TestModel.Widest, 3);
        var expected = call.Compute();
        var tape = call.Core.CreateTape(Steps, Batch);
        call.Forward(tape);
        foreach (var threads in new[] { 1, 2, 64 })
        {
            call.Core.MaxThreads = threads;
            Near.Same($"gradients with {threads} threads", call.Backward(tape), expected.Gradients);
        }

        call.Core.MaxThreads = 1;
        call.Forward(tape);
        call.Probe.Reset();
        call.Backward(tape);
        Assert.Equal([(0, Batch)], call.Probe.Calls.ToArray().Select(c => (c.First, c.Batch)));
    }

    [Fact]
    public void A_tape_is_divided_anew_for_each_shape()
    {
        var call = new Call(nameof(LstmI17H17), TestModel.Widest, 3);
        var tape = call.Core.CreateTape(Steps, 9);
        call.Forward(tape);
        tape.Reshape(Steps, Batch);
        call.Forward(tape);
        Near.Same("gradients", call.Backward(tape), call.Compute().Gradients);
    }

    [Fact]
    public void Nothing_is_allocated_on_any_thread()
    {
        foreach (var name in new[] { nameof(Dropped), nameof(SoftmaxClassifier), nameof(LanguageModel) })
        {
            var call = new Call(name, TestModel.Widest, 3);
            var caller = Environment.CurrentManagedThreadId;
            var (tape, gradients) = (call.Core.CreateTape(Steps, Batch), call.Core.CreateGradients());
            var (y, dy, dx) = (new float[call.OutputGradient.Length], call.OutputGradient, new float[call.X.Length]);
            var state = call.Core.CreateState(Batch);
            void Use()
            {
                call.Run(y, state, state);
                call.Forward(tape, y, state, state);
                call.Core.Backward(dy, dx, tape, gradients, false, state, state);
                tape.Reshape(Steps - 1, 8);
                tape.Reshape(Steps, Batch);
            }

            // The team may be busy with other tests, and its threads, which are allocated once, not started yet.
            UseUntilWorkersCame();
            var (own, workers) = Allocation.Undisturbed(() =>
            {
                call.Probe.Reset();
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var round = 0; round < 100; round++)
                {
                    Use();
                }

                var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                UseUntilWorkersCame();
                return (bytes, Workers());
            });
            Assert.Equal(0, own);
            Assert.NotEmpty(workers);
            Assert.All(workers, w => Assert.Equal(w[0].AllocatedBytes, w[^1].AllocatedBytes));

            // On a busy machine the workers may come late.
            void UseUntilWorkersCame()
            {
                for (var round = 0; round < 5000 && (round < 2 || Workers().Length == 0); round++)
                {
                    Use();
                }
            }

            ProbedCall[][] Workers() =>
                [.. call.Probe.Calls.ToArray().Where(c => c.Thread != caller).GroupBy(c => c.Thread).Select(w => w.ToArray())
                    .Where(w => w.Length > 1)];
        }
    }

    [Fact]
    public void Callers_on_several_threads_share_a_model_that_uses_several()
    {
        var call = new Call(nameof(LstmStackedBidirectional), TestModel.Widest, 2);
        var expected = call.Compute();
        var results = new float[4][];
        var threads = Enumerable.Range(0, 4).Select(i => new Thread(() =>
        {
            for (var round = 0; round < 20; round++)
            {
                results[i] = new float[expected.Run.Length];
                call.Run(results[i], null, null);
                if (!results[i].AsSpan().SequenceEqual(expected.Run))
                {
                    break;
                }
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Assert.All(results, r => Near.Same("Run's output", r, expected.Run));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(14)]
    public void A_failure_in_a_part_reaches_the_caller_and_the_next_call_is_well(int part)
    {
        var call = new Call(nameof(LstmI17H17), TestModel.Widest, 2);
        var expected = call.Compute();
        var tape = call.Core.CreateTape(Steps, Batch);
        call.Forward(tape);
        call.Probe.Failure = (part, new InvalidDataException("bad part"));
        Assert.Throws<InvalidDataException>(() => call.Run(new float[expected.Run.Length], null, null));
        Assert.Throws<InvalidDataException>(() => call.Forward(tape));
        call.Probe.Failure = null;
        Assert.Throws<InvalidOperationException>(() => call.Backward(tape));
        call.Forward(tape);
        Near.Same("gradients", call.Backward(tape), expected.Gradients);
        Near.Same("Run's output", call.Compute().Run, expected.Run);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65)]
    public void Threads_that_cannot_be_are_refused(int threads)
    {
        var model = new LstmI17H17();
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => model.MaxThreads = threads);
        Assert.Equal((nameof(model.MaxThreads), threads, 1), (error.ParamName, error.ActualValue, model.MaxThreads));
        Assert.Throws<ArgumentOutOfRangeException>("maxThreads", () => LstmI17H17.TapeBytes(5, 5, threads));
    }

    [Fact]
    public void A_tape_says_what_its_parts_take()
    {
        Assert.Equal(LstmI64H64.TapeBytes(50, 32), LstmI64H64.TapeBytes(50, 32, 1));
        Assert.True(LstmI64H64.TapeBytes(50, 32, 2) > LstmI64H64.TapeBytes(50, 32) + (sizeof(float) * LstmI64H64.ParameterCount * 9 / 10));
        Assert.Equal(LstmI64H64.TapeBytes(50, 8), LstmI64H64.TapeBytes(50, 8, 2));
    }

    [Fact]
    public void A_trainer_trains_a_model_with_threads()
    {
        var samples = new Samples(5);
        var set = TrainingSet.OfRows(GruI3H64.InputSize);
        for (var i = 0; i < 64; i++)
        {
            set.Add(TestModel.Narrow(samples.Uniform(20 * GruI3H64.InputSize)),
                TestModel.Narrow(samples.Uniform(20 * GruI3H64.OutputSize, 0.5)));
        }

        float[] Fit(int threads)
        {
            var model = new GruI3H64(2) { MaxThreads = threads };
            return [.. new Trainer<GruI3H64>(model, Loss.MeanSquaredError,
                new AdamW(1e-3)) { BatchSize = 32 }.Fit(set, set, 3).TrainingLosses];
        }

        var (alone, together) = (Fit(1), Fit(2));
        Assert.Equal(together, Fit(2));
        Near.Gradient("losses", together, Array.ConvertAll(alone, l => (double)l));
        Assert.True(together[^1] < together[0]);
    }

    private sealed record Results(
        float[] Run, float[] RunState, float[] Output, float[] State, float[] InputGradient, float[] StateGradient, float[] Gradients);

    /// <summary>A model and all its arguments, equal for every number of threads.</summary>
    private sealed class Call
    {
        private readonly int[]? _tokens;
        private readonly float[] _state;

        public Call(string name, SimdWidth width, int threads)
        {
            var model = All[name];
            var samples = new Samples(6);
            (Core, Probe) = model.CreateProbed(width, samples.Parameters(model.Reference), threads);
            var definition = Core.Definition;
            X = TestModel.Narrow(samples.Uniform(Steps * Batch * definition.InputSize));
            _tokens = definition.TakesTokens ? samples.Integers(Steps * Batch, definition.Vocabulary) : null;
            _state = TestModel.Narrow(samples.Uniform(Core.CreateState(Batch).Length));
            OutputGradient = TestModel.Narrow(samples.Uniform(Rows * definition.OutputSize));
        }

        public ModelCore Core { get; }

        public ProbeKernels Probe { get; }

        public float[] X { get; }

        public float[] OutputGradient { get; }

        public int Rows => Core.Definition.OutputIsSequence ? Steps * Batch : Batch;

        public void Run(float[] y, ModelState? initial, ModelState? final)
        {
            if (_tokens is not null)
            {
                Core.Run(_tokens, y, Steps, Batch, Lengths, initial, final);
            }
            else
            {
                Core.Run(X, y, Steps, Batch, Lengths, initial, final);
            }
        }

        /// <summary>Forward over as many samples as the tape has.</summary>
        public void Forward(Tape tape, float[]? y = null, ModelState? initial = null, ModelState? final = null)
        {
            tape.DropoutSeed = 77;
            var rows = tape.Steps * tape.Batch;
            var lengths = Lengths.AsSpan(0, tape.Batch);
            y ??= new float[(Core.Definition.OutputIsSequence ? rows : tape.Batch) * Core.Definition.OutputSize];
            if (_tokens is not null)
            {
                Core.Forward(_tokens.AsSpan(0, rows), y, tape, lengths, initial, final);
            }
            else
            {
                Core.Forward(X.AsSpan(0, rows * Core.Definition.InputSize), y, tape, lengths, initial, final);
            }
        }

        /// <summary>The gradients of the parameters, from the tape alone.</summary>
        public float[] Backward(Tape tape)
        {
            var gradients = Core.CreateGradients();
            Core.Backward(OutputGradient, [], tape, gradients, finalStateGradient: NewState());
            return gradients.Values.ToArray();
        }

        public Results Compute()
        {
            var (runState, state, stateGradient) = (Core.CreateState(Batch), Core.CreateState(Batch), Core.CreateState(Batch));
            var (run, output, dx) = (new float[OutputGradient.Length], new float[OutputGradient.Length], new float[X.Length]);
            var (tape, gradients) = (Core.CreateTape(Steps, Batch), Core.CreateGradients());
            Run(run, NewState(), runState);
            Forward(tape, output, null, state);
            Core.Backward(OutputGradient, dx, tape, gradients, false, NewState(), stateGradient);
            return new(run, Values(runState), output, Values(state), dx, Values(stateGradient), gradients.Values.ToArray());
        }

        private ModelState NewState()
        {
            var state = Core.CreateState(Batch);
            state.CopyFrom(_state);
            return state;
        }

        private static float[] Values(ModelState state)
        {
            var values = new float[state.Length];
            state.CopyTo(values);
            return values;
        }
    }
}
