using RnnCodegen.Generators.Emission.Cuda;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.Generators.Specs;
using RnnCodegen.Generators.Tests.Lowering;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.PtxMachine;
using RnnCodegen.Reference;
using Buffer = RnnCodegen.Generators.Lowering.Buffer;

namespace RnnCodegen.Generators.Tests.Cuda;

/// <summary>A model's device code and its reference on one case: every pass, as NVIDIA's compiler makes it, on the PTX machine.</summary>
internal sealed class DeviceCase
{
    private const int Parts = 2, ChunkSteps = 3;
    private const ulong Seed = 77;

    private readonly ModelProgram _program;
    private readonly DevicePlan _plan;
    private readonly ModelGraph _graph;
    private readonly ReferenceModel _reference;
    private readonly Samples _samples;
    private readonly ReferenceCall _call;
    private readonly CaseShape _shape;
    private readonly DeviceMemory _memory = new();
    private readonly Dictionary<Buffer, (ulong Address, int Count)> _buffers = [];
    private readonly Dictionary<string, int> _offsets = [];
    private readonly PtxModule _module;
    private readonly int _parameters;

    public DeviceCase(ModelProgram program, ReferenceModel reference, CaseShape shape, DeviceMachine? machine = null)
    {
        _plan = new DevicePlan(program, machine ?? DeviceMachine.Default);
        (_program, _graph, _reference, _shape) = (program, program.Graph, reference, shape);
        _samples = new Samples(shape.Steps + shape.Batch);
        _call = new ReferenceCall(shape.Steps, shape.Batch)
        {
            Tokens = _samples.Tokens(reference, shape.Steps * shape.Batch),
            Input = _samples.Input(reference, shape.Steps * shape.Batch),
            Lengths = shape.SampleLengths(),
            Memory = reference.MemorySize == 0 ? null : _samples.Uniform(shape.MemorySteps * shape.Batch * reference.MemorySize, 1.5),
            MemoryLengths = reference.MemorySize == 0 ? null : shape.MemoryLengths(),
            Parameters = _samples.Parameters(reference),
            InitialState = shape.HasState ? _samples.State(reference, shape.Batch) : new Dictionary<string, double[]>(),
            DropoutMask = Mask,
        };
        foreach (var (name, values) in _call.Parameters)
        {
            _offsets.Add(name, _parameters);
            _parameters += values.Length;
        }

        Text = new CudaEmitter(_plan, name => _offsets[name], _parameters).Emit();
        _module = PtxModule.Load(Nvrtc.Compile(Text), _memory);
    }

    /// <summary>The device code.</summary>
    public string Text { get; }

    /// <summary>Whether clusters are used where the plan has a choice.</summary>
    public bool HasClusters { get; init; } = true;

    /// <summary>Compares every pass with the reference.</summary>
    public void Check()
    {
        CheckRun();
        CheckTraining();
        if (_program.Step is not null)
        {
            CheckSteps();
        }
    }

    private void CheckRun()
    {
        var call = _call with { DropoutMask = null };
        var expected = new ReferenceRun(_reference, call);
        Prepare(call);
        Launch(_plan.Run, call, call.Steps);
        Require("Run's output", Read(Caller(BufferRole.Output)), expected.TransformedOutput, isGradient: false);
        RequireStates("Run's final state", BufferRole.State, expected.FinalState, isGradient: false);
    }

    private void CheckTraining()
    {
        var expected = new ReferenceRun(_reference, _call);
        Prepare(_call);
        Launch(_plan.Forward, _call, _call.Steps, isTraining: true);
        Require("Forward's output", Read(Caller(BufferRole.Output)), expected.Output, isGradient: false);
        RequireStates("Forward's final state", BufferRole.State, expected.FinalState, isGradient: false);

        var dy = _samples.Uniform(expected.Output.Length);
        var dFinal = _samples.State(_reference, _call.Batch);
        Write(Caller(BufferRole.OutputGradient), dy);
        foreach (var state in _program.Buffers.Where(b => b.Role == BufferRole.StateGradient))
        {
            Write(state, dFinal.TryGetValue(NameOf(state), out var given) ? given : new double[_call.Batch * state.Shape.Size]);
        }

        var gradients = expected.Backward(dy, dFinal);
        var parts = Allocate(Parts * _parameters);
        _memory.Write<float>(parts, new float[Parts * _parameters]);
        var memoryGradient = _call.Memory is { } rows ? Put(new double[rows.Length]) : 0;
        Launch(_plan.Backward, _call, _call.Steps, isTraining: true, gradients: parts, memoryGradient: memoryGradient);

        var sums = Allocate(_parameters);
        AddBlocks(parts, sums, _parameters);
        var all = Read(sums, _parameters);
        foreach (var vector in _program.Vectors)
        {
            var width = vector.Gradient.Shape.Size * vector.Gradient.Shape.Parts;
            var sum = Allocate(width);
            AddBlocks(_buffers[vector.Gradient].Address, sum, width);
            Read(sum, width).CopyTo(all, _offsets[(string)vector.Tensor.Owner]);
        }

        foreach (var (name, gradient) in gradients.Parameters.Where(p => !p.Key.Contains("0_", StringComparison.Ordinal)
            || !(p.Key.Contains(".h0_", StringComparison.Ordinal) || p.Key.Contains(".c0_", StringComparison.Ordinal))))
        {
            Require($"gradient of {name}", all.AsSpan(_offsets[name], gradient.Length).ToArray(), gradient, isGradient: true);
        }

        RequireStates("gradient of the initial state", BufferRole.StateGradient, gradients.InitialState, isGradient: true);
        if (_graph.Input is not null)
        {
            Require("gradient of x", Read(Caller(BufferRole.InputGradient)), gradients.Input, isGradient: true);
        }

        if (memoryGradient != 0)
        {
            Require("gradient of the memory", Read(memoryGradient, gradients.Memory.Length), gradients.Memory, isGradient: true);
        }
    }

    /// <summary>All samples as streams of one launch a step.</summary>
    private void CheckSteps()
    {
        var block = _graph.StepRows;
        var call = _call with { Lengths = null, DropoutMask = null };
        var expected = new ReferenceRun(_reference, call);
        var width = _graph.Output.Width;
        var perStep = call.Batch * block;
        Prepare(call, block);
        for (var t = 0; t + block <= call.Steps; t += block)
        {
            if (call.Input is { } x)
            {
                var row = call.Batch * _reference.InputSize;
                Write(Caller(BufferRole.Input), x[(t * row)..((t + block) * row)]);
            }

            Launch(_plan.Step, call with { Tokens = call.Tokens?[(t * call.Batch)..(t * call.Batch + perStep)] }, block);
            if (_graph.Output.IsSequence)
            {
                Require($"step {t}'s output", Read(Caller(BufferRole.Output)).AsSpan(0, call.Batch * width).ToArray(),
                    expected.TransformedOutput[(t / block * call.Batch * width)..(((t / block) + 1) * call.Batch * width)],
                    isGradient: false);
            }
        }

        if (call.Steps % block == 0)
        {
            RequireStates("the state after the last step", BufferRole.State, expected.FinalState, isGradient: false);
        }
    }

    private void Prepare(ReferenceCall call, int? steps = null)
    {
        foreach (var (address, _) in _buffers.Values)
        {
            _memory.Free(address);
        }

        _buffers.Clear();
        var shape = new PassShape(_graph, 0, steps ?? call.Steps, call.Batch, call.Lengths, IsStep: steps is not null);
        foreach (var buffer in _program.Buffers.Where(b => b.Role != BufferRole.Tensor))
        {
            var width = buffer.Shape.Size * buffer.Shape.Parts;
            var rows = buffer.Rows switch
            {
                RowsPer.Once => buffer.Role == BufferRole.VectorGradient ? Parts : 1,
                RowsPer.Sample => call.Batch,
                RowsPer.ChunkStep => ChunkSteps * call.Batch,
                RowsPer.StepAndEnd => (shape.StepsOf(buffer.Axis!) + 1) * call.Batch,
                _ => Math.Max(1, shape.StepsOf(buffer.Axis!)) * call.Batch,
            };
            _buffers.Add(buffer, (Allocate(rows * width), rows * width));
            if (buffer.Role == BufferRole.VectorGradient)
            {
                Write(buffer, new double[rows * width]);
            }
            else if (buffer.Role == BufferRole.State)
            {
                Write(buffer, call.Start(NameOf(buffer), buffer.Shape.Size));
            }
            else if (buffer.Role == BufferRole.Input && steps is null && call.Input is { } x)
            {
                Write(buffer, x);
            }
        }
    }

    private void Launch(
        IReadOnlyList<DeviceOperation> pass, ReferenceCall call, int steps, bool isTraining = false, ulong gradients = 0,
        ulong memoryGradient = 0)
    {
        var table = PutPointers([.. _program.Buffers.Select(b => _buffers.TryGetValue(b, out var found) ? found.Address : 0)]);
        var flat = new double[_parameters];
        foreach (var (name, values) in call.Parameters)
        {
            values.CopyTo(flat, _offsets[name]);
        }

        var attentions = _plan.Attentions;
        var memorySteps = call.Memory is { } memory ? memory.Length / call.Batch / _reference.MemorySize : 0;
        ulong Rows(AttentionNode node) => Allocate(memorySteps * call.Batch * node.KeyWidth);
        var arguments = new byte[128];
        var at = 0;
        foreach (var pointer in new[]
        {
            table, Put(flat), gradients, Put(call.Tokens), Put(call.Lengths), call.Memory is { } m ? Put(m) : 0, Put(call.MemoryLengths),
            attentions.Count == 0 ? 0 : PutPointers([.. attentions.Select(Rows)]),
            attentions.Count == 0 ? 0 : PutPointers([.. attentions.Select(Rows)]), memoryGradient, 0UL, Seed,
        })
        {
            BitConverter.TryWriteBytes(arguments.AsSpan(at), pointer);
            at += 8;
        }

        foreach (var number in new[] { steps, call.Batch, Parts, memorySteps, 0, 0, isTraining ? 1 : 0, 1 })
        {
            BitConverter.TryWriteBytes(arguments.AsSpan(at), number);
            at += 4;
        }

        var where = _memory.Allocate(arguments.Length);
        _memory.Write<byte>(where, arguments);
        Launch(where, [.. _plan.Keys, .. pass], call, steps, default);
    }

    private void Launch(ulong where, IReadOnlyList<DeviceOperation> operations, ReferenceCall call, int steps, Turn turn)
    {
        foreach (var operation in operations)
        {
            switch (operation)
            {
                case DeviceChunks chunks:
                    var all = StepsOf(chunks.Loop.Axis, call, steps);
                    for (var done = 0; done < all; done += ChunkSteps)
                    {
                        var count = Math.Min(ChunkSteps, all - done);
                        var first = chunks.Loop.IsDescending ? all - done - count : done;
                        Launch(where, chunks.Operations, call, steps, turn with { Chunk = first, ChunkSteps = count });
                    }

                    break;
                case DeviceSteps each:
                    for (var n = 0; n < turn.ChunkSteps; n++)
                    {
                        var step = turn.Chunk + (each.Loop.IsDescending ? turn.ChunkSteps - 1 - n : n);
                        Launch(where, each.Operations, call, steps, turn with { Step = step });
                    }

                    break;
                case DeviceChoice choice:
                    Launch(where, HasClusters ? choice.WithClusters : choice.Without, call, steps, turn);
                    break;
                case DeviceKernel kernel:
                    Launch(where, kernel, call, steps, turn);
                    break;
            }
        }
    }

    private void Launch(ulong where, DeviceKernel kernel, ReferenceCall call, int steps, Turn turn)
    {
        var (x, y, z, threads, name) = (1, 1, 1, _plan.Machine.Threads, kernel.Name);
        if (kernel.Resident is { } resident)
        {
            if (call.Batch <= 2)
            {
                (resident, name) = (kernel.ResidentOfOne!, kernel.FewRowsName!);
            }

            turn = turn with { Samples = kernel.WritesParts ? (call.Batch + Parts - 1) / Parts : resident.Samples };
            x = (call.Batch + turn.Samples - 1) / turn.Samples * resident.Cluster;
        }
        else if (kernel.Form is KernelForm.Samples or KernelForm.Keys)
        {
            turn = turn with { Samples = (call.Batch + Parts - 1) / Parts };
            x = (call.Batch + turn.Samples - 1) / turn.Samples;
        }
        else
        {
            var (all, columns, inputs) = kernel.Instructions.Single() switch
            {
                Multiply m => (m.Rows, m.Weights.Units * m.Weights.Blocks.Count, 0),
                MultiplyBack m => (m.Rows, m.Weights.Inputs, 0),
                AddWeightGradients g => (g.Rows, g.Weights.Units * g.Weights.Blocks.Count, g.Weights.Inputs),
                _ => throw new InvalidOperationException(),
            };
            var rows = call.Batch * all.Kind switch
            {
                RowsKind.Steps when kernel.Scope.IsStep => steps / all.Axis!.Scale,
                RowsKind.Steps => StepsOf(all.Axis!, call, steps),
                RowsKind.Samples => 1,
                RowsKind.Chunk => turn.ChunkSteps,
                _ => all.Count,
            };
            var tile = _plan.Machine.Tile;
            (x, y, z) = inputs > 0
                ? ((inputs + tile - 1) / tile, (columns + tile - 1) / tile, Parts)
                : ((columns + tile - 1) / tile, (rows + tile - 1) / tile, 1);
            if (rows <= 8 && kernel.FewRowsName is { } few)
            {
                (name, x, y) = (few, (columns + (threads / 32) - 1) / (threads / 32), 1);
            }
        }

        if (x * y * z == 0)
        {
            return;
        }

        var parameters = new byte[24];
        BitConverter.TryWriteBytes(parameters, where);
        foreach (var (number, i) in new[] { turn.Chunk, turn.ChunkSteps, turn.Step, turn.Samples }.Select((n, i) => (n, i)))
        {
            BitConverter.TryWriteBytes(parameters.AsSpan(8 + (4 * i)), number);
        }

        var shape = LaunchShape.Of(x, threads, kernel.Cluster, kernel.Resident?.SharedBytes ?? 0) with { Grid = (x, y, z) };
        PtxLaunch.Run(_module[name], _memory, shape, parameters);
    }

    private int StepsOf(TimeAxis axis, ReferenceCall call, int steps) =>
        new PassShape(_graph, 0, steps, call.Batch, call.Lengths, IsStep: false).StepsOf(axis);

    private void AddBlocks(ulong parts, ulong sums, int count)
    {
        var parameters = new byte[28];
        BitConverter.TryWriteBytes(parameters, parts);
        BitConverter.TryWriteBytes(parameters.AsSpan(8), sums);
        BitConverter.TryWriteBytes(parameters.AsSpan(16), Parts);
        BitConverter.TryWriteBytes(parameters.AsSpan(20), count);
        PtxLaunch.Run(_module["add_blocks"], _memory, LaunchShape.Of(1, 64), parameters);
    }

    private static double[] Mask(int stream, int rows, int columns, double probability)
    {
        // A row of a mask is as long as a matrix' row on the CPU, whose masks these are.
        var stride = Machine.Stride(columns);
        var mask = new float[rows * stride];
        unsafe
        {
            fixed (float* start = mask)
            {
                Runtime.DropoutMask.Fill(start, mask.Length, Seed, (uint)stream, (float)probability);
            }
        }

        return [.. Enumerable.Range(0, rows * columns).Select(i => (double)mask[(i / columns * stride) + (i % columns)])];
    }

    private static void Require(string what, double[] actual, double[] expected, bool isGradient)
    {
        var values = Array.ConvertAll(actual, value => (float)value);
        if (isGradient)
        {
            Near.Gradient(what, values, expected);
        }
        else
        {
            Near.Forward(what, values, expected);
        }
    }

    private void RequireStates(string what, BufferRole role, IReadOnlyDictionary<string, double[]> expected, bool isGradient)
    {
        foreach (var state in _program.Buffers.Where(b => b.Role == role && expected.ContainsKey(NameOf(b))))
        {
            Require($"{what}: {NameOf(state)}", Read(state), expected[NameOf(state)], isGradient);
        }
    }

    private static string NameOf(Buffer state) => ((StateVector)state.Owner).Name;

    private Buffer Caller(BufferRole role) => _program.Buffers.Single(b => b.Role == role);

    private double[] Read(Buffer buffer) => Read(_buffers[buffer].Address, _buffers[buffer].Count);

    private double[] Read(ulong address, int count)
    {
        var values = new float[count];
        _memory.Read<float>(address, values);
        return [.. values.Select(value => (double)value)];
    }

    private void Write(Buffer buffer, double[] values) =>
        _memory.Write<float>(_buffers[buffer].Address, [.. values.Select(value => (float)value)]);

    private ulong Allocate(int floats) => _memory.Allocate(4 * Math.Max(1, floats));

    private ulong Put(double[] values)
    {
        var address = Allocate(values.Length);
        _memory.Write<float>(address, [.. values.Select(value => (float)value)]);
        return address;
    }

    private ulong Put(int[]? values)
    {
        if (values is null)
        {
            return 0;
        }

        var address = Allocate(values.Length);
        _memory.Write<int>(address, values);
        return address;
    }

    private ulong PutPointers(ulong[] pointers)
    {
        var address = _memory.Allocate(8 * pointers.Length);
        _memory.Write<ulong>(address, pointers);
        return address;
    }

    private readonly record struct Turn(int Chunk, int ChunkSteps, int Step, int Samples);
}
