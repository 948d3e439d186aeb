using System.Runtime.CompilerServices;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Computes on the host, by a model's generated code for one vector width. Inference is safe from many threads at once.</summary>
internal sealed unsafe class CpuEngine : IModelEngine
{
    private readonly RunPassPool _passes;
    private readonly int _memorySize;
    private readonly long _stepWorkspace;

    /// <param name="definition">Names and sizes.</param>
    /// <param name="kernels">Generated code.</param>
    /// <param name="parameters">The values it reads.</param>
    /// <param name="start">The state before the first step where the caller gives none.</param>
    public CpuEngine(ModelDefinition definition, ModelKernels kernels, ParameterSet parameters, StateStart start)
    {
        (Definition, Kernels, Parameters, Start) = (definition, kernels, parameters, start);
        Layout = LayoutOf(kernels);
        (_memorySize, _stepWorkspace) = (definition.MemorySize, kernels.StepWorkspaceLength);
        Packed = new KernelWeights(kernels, parameters, PackedFor.Inference);
        PackedForward = kernels.PackedForwardLength == 0 ? Packed : new KernelWeights(kernels, parameters, PackedFor.Forward);
        PackedBackward = new KernelWeights(kernels, parameters, PackedFor.Backward);
        _passes = new RunPassPool(this);
    }

    /// <inheritdoc/>
    public string Layout { get; }

    /// <inheritdoc/>
    public int MaxThreads { get; set; } = 1;

    public ModelDefinition Definition { get; }

    public ModelKernels Kernels { get; }

    public ParameterSet Parameters { get; }

    public StateStart Start { get; }

    /// <summary>What inference reads.</summary>
    public KernelWeights Packed { get; }

    /// <summary>What Forward reads: the same, unless a layer's weights are rounded for inference.</summary>
    public KernelWeights PackedForward { get; }

    /// <summary>What Backward reads.</summary>
    public KernelWeights PackedBackward { get; }

    /// <summary>The layout of a width's code.</summary>
    public static string LayoutOf(ModelKernels kernels) => kernels.Width.ToString();

    /// <inheritdoc/>
    public StateBuffer CreateState() => new CpuState(Definition.CanStream ? Kernels.StepWorkspaceLength : 0);

    /// <inheritdoc/>
    public ModelMemory CreateMemory() => new CpuMemory();

    /// <inheritdoc/>
    public TapeBuffer CreateTape() => new CpuTape(Definition, Kernels, Start.StateFloats, MaxThreads);

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Step(ReadOnlySpan<float> x, Span<float> y, ModelState state)
    {
        fixed (float* input = x, output = y)
        {
            Unsafe.SkipInit(out ModelCall call);
            call.Input = input;
            Step(ref call, output, state);
        }
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Step(int token, Span<float> y, ModelState state)
    {
        fixed (float* output = y)
        {
            Unsafe.SkipInit(out ModelCall call);
            call.Tokens = &token;
            Step(ref call, output, state);
        }
    }

    /// <inheritdoc/>
    public void Run(ModelInput x, Span<float> y, int steps, int batch, ReadOnlySpan<int> lengths, ModelState? initial, ModelState? final)
    {
        var pass = _passes.Rent();
        fixed (float* input = x.Rows, output = y)
        fixed (int* tokens = x.Tokens, valid = lengths)
        {
            ModelCall call = new()
            {
                Input = input,
                Tokens = tokens,
                Output = output,
                Steps = steps,
                Batch = batch,
                WholeBatch = batch,
                Lengths = valid,
                Parameters = Parameters.Pointer,
                Packed = Packed.Current(),
            };
            Bind(ref call, initial?.Memory);
            pass.Run(call, BatchPartition.Choose(Definition, steps, batch, MaxThreads), initial, final);
        }

        _passes.Return(pass);
        GC.KeepAlive(initial);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Forward(ModelInput x, Span<float> y, Tape tape, ReadOnlySpan<int> lengths, ModelState? initial, ModelState? final)
    {
        var buffer = (CpuTape)tape.Buffer;
        buffer.Divide(MaxThreads);
        fixed (float* input = x.Rows, output = y)
        fixed (int* tokens = x.Tokens, valid = lengths)
        {
            ModelCall call = new()
            {
                Input = input,
                Tokens = tokens,
                Output = output,
                Steps = tape.Steps,
                Batch = tape.Batch,
                WholeBatch = tape.Batch,
                Lengths = valid,
                Parameters = Parameters.Pointer,
                DropoutSeed = tape.DropoutSeed,
                SamplesBefore = tape.Place.Before,
                SamplesElsewhere = tape.Place.Elsewhere,
                Training = tape.Training,
            };
            Bind(ref call, initial?.Memory);
            tape.BindAttention(ref call);
            buffer.Pass.Forward(this, call, initial, final);
        }

        GC.KeepAlive(tape);
        GC.KeepAlive(initial);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Backward(
        ReadOnlySpan<float> dy, Span<float> dx, Tape tape, ParameterSet gradients, bool accumulates, ModelState? final, ModelState? initial)
    {
        var (buffer, attended) = ((CpuTape)tape.Buffer, (CpuMemory?)tape.Attended);
        fixed (float* outputGradient = dy, inputGradient = dx)
        fixed (int* lengths = tape.Lengths)
        {
            ModelCall call = new()
            {
                Steps = tape.Steps,
                Batch = tape.Batch,
                WholeBatch = tape.Batch,
                Lengths = lengths,
                Parameters = Parameters.Pointer,
                OutputGradient = outputGradient,
                InputGradient = inputGradient,
            };
            if (attended is not null)
            {
                attended.Bind(ref call, Definition, Parameters);
                buffer.BindMemoryGradient(ref call, attended);
            }

            buffer.Pass.Backward(this, call, gradients, accumulates, tape.StartsLearned, final, initial);
            if (attended is not null && initial is not null)
            {
                ((CpuMemory)initial.OwnMemory()).SetLike(attended, call.MemoryRowsGradient);
            }
        }

        GC.KeepAlive(tape);
        GC.KeepAlive(gradients);
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Step(ref ModelCall call, float* output, ModelState state)
    {
        if (state.Buffer is not CpuState buffer || buffer.Workspace.Length < _stepWorkspace)
        {
            ModelChecks.ThrowNarrowState(Layout, nameof(state));
            return;
        }

        call.Output = output;
        call.Packed = Packed.Current();
        call.Parameters = Packed.Values;
        call.State = buffer.Pointer;
        call.Workspace = buffer.Workspace.Pointer;
        call.Turn = unchecked(buffer.Turn++);
        if (_memorySize > 0)
        {
            (call.FirstSample, call.WholeBatch) = (0, 1);
            Bind(ref call, state.Memory);
            state.BindAttention(ref call);
        }

        Kernels.Step(call);
        GC.KeepAlive(state);
        GC.KeepAlive(this);
    }

    /// <summary>Gives a call what the model attends to, where it does.</summary>
    private void Bind(ref ModelCall call, ModelMemory? memory)
    {
        if (Definition.MemorySize > 0)
        {
            (memory as CpuMemory ?? throw new ArgumentException(
                "The memory was set on a state of a model that computes elsewhere: take a state of this model's CreateState.",
                "initialState")).Bind(ref call, Definition, Parameters);
        }
    }
}
