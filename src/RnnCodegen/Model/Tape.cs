using System.Runtime.InteropServices;
using RnnCodegen.Kernels;

namespace RnnCodegen;

/// <summary>
/// What a model's Forward keeps for its Backward, and the temporary memory of both. Use one tape for many batches: it grows where a larger
/// one comes and is not allocated again otherwise. A tape serves one thread at a time.
/// </summary>
public sealed unsafe class Tape
{
    private readonly ModelKernels _kernels;
    private AlignedBuffer _memory;
    private AlignedBuffer _workspace;
    private int[] _lengths = [];
    private int[] _tokens = [];
    private ParameterSet? _filledBy;
    private int _filledVersion;

    internal Tape(ModelDefinition definition, ModelKernels kernels, int steps, int batch)
    {
        Definition = definition;
        _kernels = kernels;
        _memory = new AlignedBuffer(1);
        _workspace = new AlignedBuffer(1);
        StateGradient = new ModelState(definition, 1, 0);
        State = new ModelState(definition, 1, 0);
        Reshape(steps, batch);
    }

    /// <summary>Time steps T.</summary>
    public int Steps { get; private set; }

    /// <summary>Samples B.</summary>
    public int Batch { get; private set; }

    /// <summary>Whether Forward applies dropout; true unless set.</summary>
    public bool Training { get; set; } = true;

    /// <summary>Seed of the dropout masks of the next Forward; change it from batch to batch.</summary>
    public ulong DropoutSeed { get; set; }

    internal ModelDefinition Definition { get; }

    internal float* Memory => _memory.Pointer;

    internal float* Workspace => _workspace.Pointer;

    /// <summary>State of the pass in progress.</summary>
    internal ModelState State { get; }

    internal ModelState StateGradient { get; }

    /// <summary>The vector width of the generated code whose layout this memory has.</summary>
    internal SimdWidth Width => _kernels.Width;

    internal bool HasLengths { get; private set; }

    /// <summary>The token ids of the last Forward; null for feature models.</summary>
    internal int* Tokens => Definition.TakesTokens ? (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_tokens, 0) : null;

    internal ReadOnlySpan<int> Lengths => HasLengths ? _lengths.AsSpan(0, Batch) : default;

    /// <summary>Sets T and B for the next batch; allocates only where the tape has never been as large.</summary>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    public void Reshape(int steps, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        if (Steps == steps && Batch == batch)
        {
            return;
        }

        _filledBy = null;
        _memory = Grow(_memory, _kernels.TapeLength(steps, batch));
        _workspace = Grow(_workspace, _kernels.TrainingWorkspaceLength(steps, batch));

        // Lanes past a row's end are multiplied by zero weights, so what another shape left there must at least be finite.
        _workspace.Span.Clear();
        State.Reshape(batch);
        StateGradient.Reshape(batch);

        if (Definition.TakesTokens && _tokens.Length < steps * batch)
        {
            _tokens = GC.AllocateArray<int>(checked(steps * batch), pinned: true);
        }

        if (_lengths.Length < batch)
        {
            _lengths = GC.AllocateArray<int>(batch, pinned: true);
        }

        Steps = steps;
        Batch = batch;
    }

    /// <summary>Bytes of a tape for batches of the given size, its temporary memory included.</summary>
    public static long Bytes(ModelKernels kernels, int steps, int batch) =>
        sizeof(float) * (kernels.TapeLength(steps, batch) + kernels.TrainingWorkspaceLength(steps, batch));

    internal void SetLengths(ReadOnlySpan<int> lengths)
    {
        HasLengths = !lengths.IsEmpty;
        lengths.CopyTo(_lengths);
    }

    /// <summary>Notes whose values Forward used, and which.</summary>
    internal void SetFilledBy(ParameterSet parameters) => (_filledBy, _filledVersion) = (parameters, parameters.Version);

    /// <summary>Refuses a Backward with other values than Forward's.</summary>
    internal void RequireFilledBy(ParameterSet parameters)
    {
        if (!ReferenceEquals(_filledBy, parameters) || _filledVersion != parameters.Version)
        {
            throw new InvalidOperationException(
                _filledBy is null ? "Call Forward with this tape before Backward."
                : _filledBy == parameters ? "The parameters have changed since Forward filled this tape; call Forward again before Backward."
                : "Forward of another model filled this tape; call this model's Forward before its Backward.");
        }
    }

    internal void SetTokens(ReadOnlySpan<int> tokens) => tokens.CopyTo(_tokens);

    private static AlignedBuffer Grow(AlignedBuffer buffer, long length) => buffer.Length >= length ? buffer : new AlignedBuffer(length);
}
