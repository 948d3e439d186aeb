using RnnCodegen.Reference;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>A model run on one shape of input, with what the reference says of it.</summary>
public sealed class EngineCase
{
    private const ulong DropoutSeed = 0x5EED_0F_A_CA5E;

    private readonly TestModel _model;
    private readonly CaseShape _shape;
    private readonly bool _withState;
    private readonly Lazy<Expected> _expected;

    /// <param name="shape">The case; its model is a generated one.</param>
    public EngineCase(CaseShape shape)
    {
        (_model, _shape, _withState, Lengths) = (TestModel.Of(shape.Model), shape, shape.HasState, shape.SampleLengths());
        _expected = new(() => new Expected(this));
    }

    public string Name => _shape.Name;

    /// <summary>How far values keep from where slopes change, where a gradient that is off by one rounding may be another.</summary>
    public double LeastKinkMargin { get; set; }

    /// <summary>
    /// Gradients below this share of the model's largest may be what is left where larger terms cancel, and are held to what is right for
    /// the share; 0 holds each to its own size.
    /// </summary>
    public double LeastGradientShare { get; set; }

    /// <summary>Whether inference takes weights as they are, whatever their format is, as an engine does that knows one format.</summary>
    public bool TakesWeightsAsTheyAre { get; set; }

    private int Steps => _shape.Steps;

    private int Batch => _shape.Batch;

    private int MemorySteps => _shape.MemorySteps;

    private int[]? Lengths { get; }

    /// <summary>Compares everything an engine computes with the reference.</summary>
    public void Check(SimdWidth width, int threads = 1) => Check(width, threads, CaseMemory.Plain);

    /// <summary>The same with memory of the caller's choice.</summary>
    internal void Check(SimdWidth width, int threads, CaseMemory memory) =>
        Check(_model.Create(width, _expected.Value.Call.Parameters, threads, memory), memory);

    /// <summary>The same on another engine.</summary>
    /// <param name="place">Makes a model on it of one that has the case's parameters.</param>
    internal void Check(Func<ModelCore, ModelCore> place) =>
        Check(place(_model.Create(SimdWidth.Scalar, _expected.Value.Call.Parameters)), CaseMemory.Plain);

    private void Check(ModelCore core, CaseMemory memory)
    {
        var expected = _expected.Value;
        CheckRun(core, expected, memory);
        CheckSteps(core, expected, memory);
        CheckTraining(core, expected, memory);
    }

    private void CheckRun(ModelCore core, Expected expected, CaseMemory memory)
    {
        var inference = expected.Inference;
        var y = memory.Poisoned(inference.Output.Length);
        var (initial, final) = (InitialState(core, expected), _withState ? core.CreateState(Batch) : null);
        Run(core, expected, memory, y, initial, final);
        Near.Forward("Run's output", y, inference.TransformedOutput);
        RequireState("Run's final state", final, inference.FinalState, Near.Forward);
        RequireState("Run's initial state", initial, expected.Call.InitialState, Near.Forward);

        var again = memory.Poisoned(y.Length);
        Run(core, expected, memory, again, initial, initial);
        Near.Same("Run into its initial state", again, y);
        RequireState("Run's final state over the initial one", initial, inference.FinalState, Near.Forward);
    }

    private void CheckSteps(ModelCore core, Expected expected, CaseMemory memory)
    {
        if (!_model.Definition.CanStream)
        {
            return;
        }

        var sample = Batch - 1;
        var steps = Lengths is null ? Steps : Lengths[sample];
        var (width, block) = (_model.Definition.OutputSize, _model.Definition.StepRows);
        var state = core.CreateState();
        if (expected.Call.Memory is { } attended)
        {
            var size = _model.Definition.MemorySize;
            double[] own = [.. Enumerable.Range(0, MemorySteps).SelectMany(s => attended[(((s * Batch) + sample) * size)..][..size])];
            state.SetMemory(TestModel.Narrow(own), MemorySteps, expected.Call.MemoryLengths is { } lengths ? [lengths[sample]] : []);
        }

        foreach (var (name, values) in expected.Call.InitialState)
        {
            TestModel.Narrow(Sample(values, sample)).CopyTo(state.Vector(name));
        }

        var y = memory.Poisoned(width);
        for (var t = 0; t < steps / block; t++)
        {
            var row = (t * Batch) + sample;
            if (expected.Call.Tokens is { } tokens)
            {
                core.Step(tokens[row], y, state);
            }
            else
            {
                var size = _model.Definition.InputSize;
                float[] rows =
                    [.. Enumerable.Range(t * block, block).SelectMany(k => expected.X[(((k * Batch) + sample) * size)..][..size])];
                core.Step(memory.Copy<float>(rows), y, state);
            }

            if (_model.Definition.OutputIsSequence)
            {
                Near.Forward($"Step {t}'s output", y, expected.Inference.TransformedOutput.AsSpan(row * width, width));
            }
        }

        if (steps % block != 0)
        {
            // The rest is not a whole step, and the whole sequence's result has it in.
            return;
        }

        if (!_model.Definition.OutputIsSequence && steps > 0)
        {
            Near.Forward("the last Step's output", y, expected.Inference.TransformedOutput.AsSpan(sample * width, width));
        }

        foreach (var (name, values) in expected.Inference.FinalState)
        {
            Near.Forward($"{name} after the last Step", state.Vector(name), Sample(values, sample));
        }
    }

    private void CheckTraining(ModelCore core, Expected expected, CaseMemory memory)
    {
        var call = expected.Call;
        var tape = core.CreateTape(Steps, Batch);
        var y = memory.Poisoned(expected.Training.Output.Length);
        var (initial, final) = (InitialState(core, expected), _withState ? core.CreateState(Batch) : null);

        tape.Training = false;
        Forward(core, expected, memory, y, tape, initial, final);
        Near.Forward("Forward's output without dropout", y, expected.WithoutDropout.Output);

        (tape.Training, tape.DropoutSeed) = (true, DropoutSeed);
        y.Fill(float.NaN);
        Forward(core, expected, memory, y, tape, initial, final);
        Near.Forward("Forward's output", y, expected.Training.Output);
        RequireState("Forward's final state", final, expected.Training.FinalState, Near.Forward);

        var dFinal = _withState ? NewState(core, expected.FinalStateGradient) : null;
        var dInitial = _withState || call.Memory is not null ? core.CreateState(Batch) : null;
        var gradients = core.CreateGradients();
        gradients.Edit().Fill(float.NaN);
        var dx = memory.Poisoned(expected.X.Length);
        Backward(core, expected, memory, dx, tape, gradients, false, dFinal, dInitial);
        var least = LeastGradientShare * expected.Gradients.Parameters.Values.Append(expected.Gradients.Input).Max(g => Near.Largest(g));
        foreach (var tensor in gradients.Tensors)
        {
            Near.Gradient($"gradient of {tensor.Name}", tensor.Values, expected.Gradients.Parameters[tensor.Name], least);
        }

        Near.Gradient("gradient of x", dx, expected.Gradients.Input, least);
        if (call.Memory is { } attended)
        {
            var dMemory = memory.Poisoned(attended.Length);
            dInitial!.CopyMemoryTo(dMemory);
            Near.Gradient("gradient of the memory", dMemory, expected.Gradients.Memory);
        }

        RequireState("gradient of the initial", dInitial, expected.Gradients.InitialState, Near.Gradient);
        RequireState("Backward leaves the gradient of the final", dFinal, expected.FinalStateGradient, Near.Forward);

        var first = gradients.Values.ToArray();
        Backward(core, expected, memory, [], tape, gradients, false, dFinal, null);
        Near.Same("gradients of a second Backward", gradients.Values, first);

        gradients.Edit().Fill(0.5f);
        Backward(core, expected, memory, dx, tape, gradients, true, dFinal, dInitial);
        foreach (var tensor in gradients.Tensors)
        {
            var sums = Array.ConvertAll(expected.Gradients.Parameters[tensor.Name], g => 0.5 + g);
            Near.Gradient($"accumulated gradient of {tensor.Name}", tensor.Values, sums);
        }
    }

    private void Run(ModelCore core, Expected expected, CaseMemory memory, Span<float> y, ModelState? initial, ModelState? final)
    {
        if (expected.Call.Tokens is { } tokens)
        {
            core.Run(memory.Copy<int>(tokens), y, Steps, Batch, memory.Copy<int>(Lengths), initial, final);
        }
        else
        {
            core.Run(memory.Copy<float>(expected.X), y, Steps, Batch, memory.Copy<int>(Lengths), initial, final);
        }
    }

    private void Forward(ModelCore core, Expected expected, CaseMemory memory, Span<float> y, Tape tape, ModelState? initial,
        ModelState? final)
    {
        if (expected.Call.Tokens is { } tokens)
        {
            core.Forward(memory.Copy<int>(tokens), y, tape, memory.Copy<int>(Lengths), initial, final);
        }
        else
        {
            core.Forward(memory.Copy<float>(expected.X), y, tape, memory.Copy<int>(Lengths), initial, final);
        }
    }

    private static void Backward(
        ModelCore core, Expected expected, CaseMemory memory, Span<float> dx, Tape tape, ParameterSet gradients, bool accumulate,
        ModelState? dFinal, ModelState? dInitial) =>
        core.Backward(memory.Copy<float>(expected.OutputGradient), dx, tape, gradients, accumulate, dFinal, dInitial);

    /// <summary>What a call starts from: the case's state, the memory, or nothing.</summary>
    private ModelState? InitialState(ModelCore core, Expected expected)
    {
        if (!_withState && expected.Call.Memory is null)
        {
            return null;
        }

        var state = NewState(core, expected.Call.InitialState);
        if (expected.Call.Memory is { } memory)
        {
            state.SetMemory(TestModel.Narrow(memory), MemorySteps, expected.Call.MemoryLengths);
        }

        return state;
    }

    private ModelState NewState(ModelCore core, IReadOnlyDictionary<string, double[]> values)
    {
        var state = core.CreateState(Batch);
        foreach (var (name, vectors) in values)
        {
            for (var b = 0; b < Batch; b++)
            {
                TestModel.Narrow(Sample(vectors, b)).CopyTo(state.Vector(name, b));
            }
        }

        return state;
    }

    private delegate void Comparison(string what, ReadOnlySpan<float> actual, ReadOnlySpan<double> expected);

    private void RequireState(string what, ModelState? state, IReadOnlyDictionary<string, double[]> expected, Comparison compare)
    {
        if (state is not null)
        {
            foreach (var (name, values) in expected)
            {
                var actual = Enumerable.Range(0, Batch).SelectMany(b => state.Vector(name, b).ToArray()).ToArray();
                compare($"{what}: {name}", actual, values);
            }
        }
    }

    private double[] Sample(double[] vectors, int sample)
    {
        var size = vectors.Length / Batch;
        return vectors[(sample * size)..((sample + 1) * size)];
    }

    /// <summary>The reference's results, computed once for all engines.</summary>
    private sealed class Expected
    {
        // In steps between 8-bit integers; an engine that is within the tolerance of the reference stays well below.
        private const double LeastRoundingMargin = 2e-4;

        private readonly int _rows;

        public Expected(EngineCase @case)
        {
            _rows = @case.Steps * @case.Batch;
            var (model, samples) = (@case._model.Reference, new Samples(1 + _rows));
            (Call, Inference) = NewCall(@case, samples);
            Training = new ReferenceRun(model, Call with { DropoutMask = Mask });
            for (var attempt = 1; Inference.RoundingMargin < LeastRoundingMargin
                || Math.Min(Inference.KinkMargin, Training.KinkMargin) < @case.LeastKinkMargin; attempt++)
            {
                if (attempt == 200)
                {
                    throw new NoSuchInputException(
                        $"{@case.Name}: no input keeps all activations away from where they round to another integer, or their slopes " +
                        "change.");
                }

                samples = new Samples((1000 * attempt) + _rows);
                (Call, Inference) = NewCall(@case, samples);
                Training = Inference.RoundingMargin < LeastRoundingMargin
                    ? Training
                    : new ReferenceRun(model, Call with { DropoutMask = Mask });
            }

            X = TestModel.Narrow(Call.Input ?? []);
            WithoutDropout = model.Layers.All(l => l.Format == WeightFormat.Float32) ? Inference : new ReferenceRun(model, Call);
            var dy = samples.Uniform(Training.Output.Length);
            OutputGradient = TestModel.Narrow(dy);
            FinalStateGradient = @case._withState ? samples.State(model, @case.Batch) : new Dictionary<string, double[]>();
            Gradients = Training.Backward(dy, FinalStateGradient);
        }

        private (ReferenceCall, ReferenceRun) NewCall(EngineCase @case, Samples samples)
        {
            var (model, rows) = (@case._model.Reference, _rows);
            var call = new ReferenceCall(@case.Steps, @case.Batch)
            {
                Tokens = samples.Tokens(model, rows),
                Input = samples.Input(model, rows),
                Lengths = @case.Lengths,
                Memory = model.MemorySize == 0 ? null : samples.Uniform(@case.MemorySteps * @case.Batch * model.MemorySize, 1.5),
                MemoryLengths = model.MemorySize == 0 ? null : @case._shape.MemoryLengths(),
                Parameters = samples.Parameters(model),
                InitialState = @case._withState ? samples.State(model, @case.Batch) : new Dictionary<string, double[]>(),
            };

            // A memory is given with a state, which then is what the call starts from.
            call = @case._withState || model.MemorySize == 0
                ? call
                : call with { InitialState = model.State.ToDictionary(s => s.Name, s => call.Start(s.Name, s.Rows)) };
            return (call, new ReferenceRun(model, call with { RoundsWeights = !@case.TakesWeightsAsTheyAre }));
        }

        public ReferenceCall Call { get; }

        public float[] X { get; }

        public float[] OutputGradient { get; }

        public IReadOnlyDictionary<string, double[]> FinalStateGradient { get; }

        /// <summary>As Step and Run compute it; its output is also the transformed one.</summary>
        public ReferenceRun Inference { get; }

        /// <summary>As Forward computes it where there is no dropout: with weights as they are.</summary>
        public ReferenceRun WithoutDropout { get; }

        /// <summary>With dropout.</summary>
        public ReferenceRun Training { get; }

        public ReferenceGradients Gradients { get; }

        private static unsafe double[] Mask(int dropout, int rows, int columns, double probability)
        {
            // A row of a mask is as long as a matrix' row: whole lines of the cache, but no whole multiple of eight.
            var padded = (columns + 15) / 16 * 16;
            var stride = padded % 128 == 0 ? padded + 16 : padded;
            var mask = new float[rows * stride];
            fixed (float* target = mask)
            {
                DropoutMask.Fill(target, mask.Length, DropoutSeed, (uint)dropout, (float)probability);
            }

            return [.. Enumerable.Range(0, rows * columns).Select(i => (double)mask[(i / columns * stride) + (i % columns)])];
        }
    }
}
