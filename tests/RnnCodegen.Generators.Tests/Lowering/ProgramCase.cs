using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Reference;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>A program and its reference on one case.</summary>
internal sealed class ProgramCase
{
    private readonly ModelProgram _program;
    private readonly ModelGraph _graph;
    private readonly ReferenceModel _reference;
    private readonly Samples _samples;
    private readonly ReferenceCall _call;
    private readonly int _steps;
    private readonly int _batch;

    public ProgramCase(ModelProgram program, ReferenceModel reference, CaseShape shape)
    {
        (_program, _graph, _reference, _steps, _batch) = (program, program.Graph, reference, shape.Steps, shape.Batch);
        _samples = new Samples(_steps + _batch);
        _call = new ReferenceCall(_steps, _batch)
        {
            Tokens = _samples.Tokens(reference, _steps * _batch),
            Input = _samples.Input(reference, _steps * _batch),
            Lengths = shape.SampleLengths(),
            Memory = reference.MemorySize == 0 ? null : _samples.Uniform(shape.MemorySteps * _batch * reference.MemorySize, 1.5),
            MemoryLengths = reference.MemorySize == 0 ? null : shape.MemoryLengths(),
            Parameters = _samples.Parameters(reference),
            InitialState = shape.HasState ? _samples.State(reference, _batch) : new Dictionary<string, double[]>(),
        };
    }

    /// <summary>Compares every pass of the program with the reference.</summary>
    public void Check()
    {
        CheckRun(segment: int.MaxValue);
        if (_graph.CanStream)
        {
            CheckRun(segment: 2 * _graph.StepRows);
            CheckSteps();
        }

        CheckTraining();
    }

    /// <summary>Inference, segment by segment.</summary>
    private void CheckRun(int segment)
    {
        var expected = new ReferenceRun(_reference, _call);
        var memory = NewMemory(_call);
        var output = memory.Set(Caller(BufferRole.Output), new double[expected.Output.Length]);
        for (var first = 0; first < _steps; first += Math.Min(segment, _steps - first))
        {
            memory.Forget(Region.Run);
            var interpreter = NewInterpreter(memory,
                new PassShape(_graph, first, Math.Min(segment, _steps - first), _batch, _call.Lengths, false), _call);
            interpreter.Run(_program.Run.Steps);
            if (first + segment >= _steps || segment == int.MaxValue)
            {
                interpreter.Run(_program.Run.Last);
            }
        }

        RequireNear("Run's output", output, expected.TransformedOutput);
        RequireState("Run's final state", memory, BufferRole.State, expected.FinalState);
    }

    /// <summary>A stream of the last sample.</summary>
    private void CheckSteps()
    {
        var (block, sample) = (_graph.StepRows, _batch - 1);
        var length = _call.Lengths?[sample] ?? _steps;
        var call = Only(sample, length / block * block);
        if (call.Steps == 0)
        {
            return;
        }

        var expected = new ReferenceRun(_reference, call);
        var memory = NewMemory(call);
        var (x, width) = (call.Input, _graph.Output.Width);
        for (var t = 0; t < call.Steps; t += block)
        {
            memory.Forget(Region.Run);
            if (x is not null)
            {
                memory.Set(Caller(BufferRole.Input), x[(t * _reference.InputSize)..((t + block) * _reference.InputSize)]);
            }

            var y = memory.Set(Caller(BufferRole.Output), new double[width]);
            NewInterpreter(memory, new PassShape(_graph, 0, block, 1, null, true), call with { Tokens = call.Tokens?[t..(t + block)] }).Run(
                _program.Step!);
            if (_graph.Output.IsSequence)
            {
                RequireNear($"step {t}'s output", y, expected.TransformedOutput[(t / block * width)..((t / block * width) + width)]);
            }
            else if (t + block == call.Steps)
            {
                RequireNear("the last step's output", y, expected.TransformedOutput);
            }
        }

        RequireState("the state after the last step", memory, BufferRole.State, expected.FinalState);
    }

    /// <summary>Forward with dropout, and all gradients.</summary>
    private void CheckTraining()
    {
        var call = _call with
        {
            DropoutMask = (stream, rows, columns, p) =>
                [.. new Samples(77 + stream).Uniform(rows * columns).Select(v => (v + 1) / 2 < p ? 0 : 1 / (1 - p))]
        };
        var expected = new ReferenceRun(_reference, call);
        var memory = NewMemory(call);
        var output = memory.Set(Caller(BufferRole.Output), new double[expected.Output.Length]);
        var pass = new PassShape(_graph, 0, _steps, _batch, _call.Lengths, false);
        var interpreter = NewInterpreter(memory, pass, call);
        interpreter.Run(_program.Forward.Steps);
        interpreter.Run(_program.Forward.Last);
        RequireNear("Forward's output", output, expected.Output);
        RequireState("Forward's final state", memory, BufferRole.State, expected.FinalState);

        // Backward finds on the tape what it needs, and nothing else.
        memory.Forget(Region.Training);
        memory.Set(Caller(BufferRole.OutputGradient), _samples.Uniform(output.Length));
        var dFinal = _samples.State(_reference, _batch);
        foreach (var state in _program.Buffers.Where(b => b.Role == BufferRole.StateGradient))
        {
            memory.Set(state, dFinal.TryGetValue(NameOf(state), out var given) ? [.. given] : new double[_batch * state.Shape.Size]);
        }

        var gradients = expected.Backward(memory[Caller(BufferRole.OutputGradient)], dFinal);
        interpreter.Run(_program.Backward);
        interpreter.Run(_program.AfterBackward);
        var vectors = _program.Vectors.ToDictionary(v => (string)v.Tensor.Owner, v => memory.Of(v.Gradient, pass));
        foreach (var (name, gradient) in gradients.Parameters.Where(
            p => vectors.ContainsKey(p.Key) || interpreter.Gradients.ContainsKey(p.Key)))
        {
            RequireNear($"gradient of {name}", vectors.TryGetValue(name, out var sum) ? sum : interpreter.Gradients[name], gradient);
        }

        // All but those of initial states, which are sums of the state's, and of layers that nothing reads.
        var unreached = gradients.Parameters.Where(p => !vectors.ContainsKey(p.Key) && !interpreter.Gradients.ContainsKey(p.Key));
        Assert.All(unreached,
            p => Assert.True(p.Key.Contains(".h0_", StringComparison.Ordinal) || p.Key.Contains(".c0_", StringComparison.Ordinal)
                || p.Value.All(g => g == 0), p.Key));
        RequireState("gradient of the initial state", memory, BufferRole.StateGradient, gradients.InitialState);
        if (_graph.Input is not null)
        {
            RequireNear("gradient of x", memory[Caller(BufferRole.InputGradient)], gradients.Input);
        }

        RequireNear("gradient of the memory", interpreter.Attention.Gradient, gradients.Memory);
    }

    private static void RequireNear(string what, double[] actual, double[] expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Select(Math.Abs).Append(1e-3).Max();
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(actual[i] - expected[i]) <= 1e-6 * scale,
                $"{what}: {actual[i]} at {i} where the reference has {expected[i]}.");
        }
    }

    private static string NameOf(Generators.Lowering.Buffer state) => ((StateVector)state.Owner).Name;

    private void RequireState(string what, ProgramMemory memory, BufferRole role, IReadOnlyDictionary<string, double[]> expected)
    {
        foreach (var state in _program.Buffers.Where(b => b.Role == role && expected.ContainsKey(NameOf(b))))
        {
            RequireNear($"{what}: {NameOf(state)}", memory[state], expected[NameOf(state)]);
        }
    }

    private Generators.Lowering.Buffer Caller(BufferRole role) => _program.Buffers.Single(b => b.Role == role);

    private ProgramMemory NewMemory(ReferenceCall call)
    {
        var memory = new ProgramMemory(call.Parameters);
        foreach (var state in _program.Buffers.Where(b => b.Role == BufferRole.State))
        {
            memory.Set(state, call.Start(NameOf(state), state.Shape.Size));
        }

        if (call.Input is { } x)
        {
            memory.Set(Caller(BufferRole.Input), x);
        }

        return memory;
    }

    private Interpreter NewInterpreter(ProgramMemory memory, PassShape pass, ReferenceCall call) => new(memory, pass)
    {
        Attention = new Attention(call.Memory ?? [], call.Batch, call.MemoryLengths, call.Parameters),
        DropoutMask = call.DropoutMask,
        Tokens = call.Tokens,
    };

    /// <summary>The call of one sample's first steps.</summary>
    private ReferenceCall Only(int sample, int steps)
    {
        return new ReferenceCall(steps, 1)
        {
            Tokens = _call.Tokens is null ? null : [.. Enumerable.Range(0, steps).Select(t => _call.Tokens[(t * _batch) + sample])],
            Input = _call.Input is null ? null : Rows(_call.Input, steps, _reference.InputSize),
            Memory = _call.Memory is null
                ? null
                : Rows(_call.Memory, _call.Memory.Length / _batch / _reference.MemorySize, _reference.MemorySize),
            MemoryLengths = _call.MemoryLengths is null ? null : [_call.MemoryLengths[sample]],
            Parameters = _call.Parameters,
            InitialState = _call.InitialState.ToDictionary(s => s.Key,
                s => s.Value[(sample * s.Value.Length / _batch)..((sample + 1) * s.Value.Length / _batch)]),
        };

        double[] Rows(double[] all, int count, int width) =>
            [.. Enumerable.Range(0, count).SelectMany(t => all[(((t * _batch) + sample) * width)..][..width])];
    }
}
