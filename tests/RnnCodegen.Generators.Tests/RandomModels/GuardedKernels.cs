using RnnCodegen.Runtime;

namespace RnnCodegen.Generators.Tests.RandomModels;

/// <summary>
/// Generated code that gets the engine's memory as copies between guard pages, each of exactly
/// the length that the code asks for: parameters, packed weights, state, temporary memory,
/// tape, gradients, and what is attended to. The caller's own memory is guarded by the caller.
/// </summary>
/// <param name="kernels">The code.</param>
/// <param name="model">Names and sizes.</param>
/// <param name="memory">Where copies come from.</param>
internal sealed unsafe class GuardedKernels(ModelKernels kernels, ModelDefinition model, GuardedMemory memory) : ModelKernels
{
    private float* _packed;
    private float* _packedForward;
    private float* _packedBackward;

    public override SimdWidth Width => kernels.Width;

    public override long PackedLength => kernels.PackedLength;

    public override long PackedForwardLength => kernels.PackedForwardLength;

    public override long PackedBackwardLength => kernels.PackedBackwardLength;

    public override long PackedGradientsLength => kernels.PackedGradientsLength;

    public override int StepWorkspaceLength => kernels.StepWorkspaceLength;

    private int StateLength => model.State.Sum(s => Stride(s.Size));

    public override long RunWorkspaceLength(int steps, int batch) => kernels.RunWorkspaceLength(steps, batch);

    public override long TapeLength(int steps, int batch) => kernels.TapeLength(steps, batch);

    public override long TrainingWorkspaceLength(int steps, int batch) => kernels.TrainingWorkspaceLength(steps, batch);

    public override void Pack(float* parameters, float* packed) => Pack(parameters, PackedLength, ref _packed, kernels.Pack);

    public override void PackForward(float* parameters, float* packed) => Pack(parameters, PackedForwardLength, ref _packedForward,
        kernels.PackForward);

    public override void PackBackward(float* parameters, float* packed) => Pack(parameters, PackedBackwardLength, ref _packedBackward,
        kernels.PackBackward);

    public override void Step(in ModelCall call)
    {
        using var copies = new Copies(memory, call);
        copies.Read(ref copies.Call.Parameters, model.ParameterCount);
        copies.Change(ref copies.Call.State, StateLength);
        copies.Change(ref copies.Call.Workspace, StepWorkspaceLength);
        ReadMemory(copies);
        copies.Call.Packed = _packed;
        kernels.Step(copies.Call);
    }

    public override void Run(in ModelCall call)
    {
        using var copies = new Copies(memory, call);
        Read(copies);
        copies.Change(ref copies.Call.State, (long)StateLength * call.Batch);
        copies.Change(ref copies.Call.Workspace, RunWorkspaceLength(call.Steps, call.Batch));
        copies.Call.Packed = _packed;
        kernels.Run(copies.Call);
    }

    public override void Forward(in ModelCall call)
    {
        using var copies = new Copies(memory, call);
        Read(copies);
        copies.Change(ref copies.Call.State, (long)StateLength * call.Batch);
        copies.Change(ref copies.Call.Workspace, TrainingWorkspaceLength(call.Steps, call.Batch));
        copies.Change(ref copies.Call.Tape, TapeLength(call.Steps, call.Batch));
        copies.Call.Packed = PackedForwardLength == 0 ? _packed : _packedForward;
        kernels.Forward(copies.Call);
    }

    public override void Backward(in ModelCall call)
    {
        using var copies = new Copies(memory, call);
        Read(copies);
        copies.Change(ref copies.Call.StateGradient, (long)StateLength * call.Batch);
        copies.Change(ref copies.Call.Workspace, TrainingWorkspaceLength(call.Steps, call.Batch));
        copies.Change(ref copies.Call.Tape, TapeLength(call.Steps, call.Batch));
        if (call.Batch == call.WholeBatch && model.MemorySize > 0)
        {
            // Rows and keys are one block; other parts would add to it at the same time.
            var (rows, keys) = MemoryLengths(call);
            copies.Change(ref copies.Call.MemoryRowsGradient, rows + keys);
            copies.Call.MemoryKeysGradient = copies.Call.MemoryRowsGradient + rows;
            copies.Change(ref copies.Call.MemoryGradientSums, rows + keys);
        }

        copies.Call.Packed = PackedForwardLength == 0 ? _packed : _packedForward;
        copies.Call.PackedBackward = _packedBackward;
        kernels.Backward(copies.Call);
    }

    public override void AddGradients(in ModelCall call, int share, int shares) => AddGradients(call, shares,
        copy => kernels.AddGradients(copy, share, shares));

    public override void AddTokenGradients(in ModelCall call, int share, int shares) => AddGradients(call, shares,
        copy => kernels.AddTokenGradients(copy, share, shares));

    private void AddGradients(in ModelCall call, int shares, Action<ModelCall> add)
    {
        using var copies = new Copies(memory, call);
        Read(copies);
        copies.Read(ref copies.Call.Workspace, TrainingWorkspaceLength(call.Steps, call.Batch));
        if (shares == 1)
        {
            // Other shares write to the same block at the same time.
            copies.Change(ref copies.Call.Gradients, model.ParameterCount);
        }

        add(copies.Call);
    }

    private static int Stride(int width) => (width + 15) / 16 is var lines && lines % 8 == 0 ? 16 * (lines + 1) : 16 * lines;

    private void Pack(float* parameters, long length, ref float* packed, PackAction pack)
    {
        var copy = memory.Take(new ReadOnlySpan<float>(parameters, (int)model.ParameterCount));
        packed = packed == null ? memory.Take<float>(new float[length]) : packed;
        pack(copy, packed);
        memory.Return(copy);
    }

    private void Read(Copies copies)
    {
        ref var call = ref copies.Call;
        copies.Read(ref call.Parameters, model.ParameterCount);
        copies.Read(ref call.Lengths, call.Batch);
        var ids = (long)call.Steps * call.Batch * Math.Max(1, model.Categories.Count);
        copies.Read(ref call.Tokens, ids);
        copies.Read(ref call.TokenLinks, ids);
        ReadMemory(copies);
    }

    private void ReadMemory(Copies copies)
    {
        if (model.MemorySize > 0)
        {
            ref var call = ref copies.Call;
            var (rows, keys) = MemoryLengths(call);
            copies.Read(ref call.MemoryRows, rows);
            copies.Read(ref call.MemoryKeys, keys);
            copies.Read(ref call.MemoryLengths, call.WholeBatch);
        }
    }

    private (long Rows, long Keys) MemoryLengths(in ModelCall call)
    {
        var rows = (long)call.WholeBatch * call.MemorySteps;
        return (rows * Stride(model.MemorySize), rows * model.MemoryKeys.Sum(k => Stride(k.Width)));
    }

    private delegate void PackAction(float* parameters, float* packed);

    /// <summary>A call with copies of memory, which are given back at the end.</summary>
    private sealed class Copies(GuardedMemory memory, ModelCall call) : IDisposable
    {
        private readonly List<(nint Original, nint Copy, long Bytes)> _changed = [];
        private readonly List<nint> _taken = [];

        public ModelCall Call = call;

        public void Read<T>(ref T* values, long length)
            where T : unmanaged
        {
            if (values != null)
            {
                values = memory.Take(new ReadOnlySpan<T>(values, checked((int)length)));
                _taken.Add((nint)values);
            }
        }

        public void Change<T>(ref T* values, long length)
            where T : unmanaged
        {
            var original = values;
            Read(ref values, length);
            if (original != values)
            {
                _changed.Add(((nint)original, (nint)values, length * sizeof(T)));
            }
        }

        public void Dispose()
        {
            foreach (var (original, copy, bytes) in _changed)
            {
                Buffer.MemoryCopy((void*)copy, (void*)original, bytes, bytes);
            }

            foreach (var block in _taken)
            {
                memory.Return((void*)block);
            }
        }
    }
}
