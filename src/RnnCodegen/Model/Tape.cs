using System.Runtime.InteropServices;
using RnnCodegen.Kernels;

namespace RnnCodegen;

/// <summary>
/// What a model's Forward keeps for its Backward, and the temporary memory of both. Use one tape for many batches: it grows where a larger
/// one comes and is not allocated again otherwise. A tape serves one call at a time.
/// </summary>
/// <remarks>A batch that several threads share is on the tape in parts, and Backward takes it in the parts that Forward left.</remarks>
public sealed unsafe class Tape
{
    private readonly ModelKernels _kernels;
    private readonly int _stateFloats;
    private AlignedBuffer _memory = new(1);
    private AlignedBuffer _workspace = new(1);
    private AlignedBuffer _state = new(1);
    private int[] _lengths = [];
    private int[] _tokens = [];
    private int[] _tokenLinks = [];
    private int[] _lastOfToken = [];
    private PartLengths _part;
    private ModelMemory? _attended;
    private AlignedBuffer? _memoryGradients;
    private double[] _memoryGradientSums = [];
    private int _memoryVersion;
    private ParameterSet? _filledBy;
    private int _filledVersion;
    private int _threads;

    internal Tape(ModelDefinition definition, ModelKernels kernels, int stateFloats, int steps, int batch, int threads)
    {
        Definition = definition;
        (_kernels, _stateFloats, _threads) = (kernels, stateFloats, threads);
        Pass = new TrainingPass(this);
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

    /// <summary>Which part of a larger batch this one is, for its dropout masks: the samples before it, and all that are elsewhere.</summary>
    internal (int Before, int Elsewhere) Place { get; set; }

    internal ModelDefinition Definition { get; }

    /// <summary>The passes on this memory.</summary>
    internal TrainingPass Pass { get; }

    /// <summary>How the batch is divided.</summary>
    internal BatchPartition Partition { get; private set; }

    /// <summary>The vector width of the generated code whose layout this memory has.</summary>
    internal SimdWidth Width => _kernels.Width;

    internal bool HasLengths { get; private set; }

    /// <summary>Whether the last Forward started from the learned initial state, where the model has one.</summary>
    internal bool StartsLearned { get; private set; }

    internal ReadOnlySpan<int> Lengths => HasLengths ? _lengths.AsSpan(0, Batch) : default;

    /// <summary>Sets T and B for the next batch; allocates only where the tape has never been as large.</summary>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    public void Reshape(int steps, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        if (Steps != steps || Batch != batch)
        {
            Lay(steps, batch, _threads);
        }
    }

    /// <summary>Bytes of a tape for batches of the given size, its temporary memory included.</summary>
    /// <param name="definition">The model.</param>
    /// <param name="kernels">The model's generated code.</param>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="maxThreads">Most threads of a call, from 1 to 64.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maxThreads"/> is not from 1 to 64, T or B is not positive, or the tape would have 2^62 bytes or more.
    /// </exception>
    public static long Bytes(ModelDefinition definition, ModelKernels kernels, int steps, int batch, int maxThreads = 1)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var partition = BatchPartition.Choose(definition, steps, batch, BatchPartition.RequireThreads(maxThreads, nameof(maxThreads)));
        var part = PartLengths.Of(definition, kernels, steps, partition);
        return sizeof(float) * partition.Parts * (part.Memory + part.Workspace);
    }

    /// <summary>Divides the batch for so many threads, and forgets what an earlier Forward left.</summary>
    internal void Divide(int threads)
    {
        _filledBy = null;
        if (_threads != threads)
        {
            Lay(Steps, Batch, threads);
        }
    }

    /// <summary>A part of the user's call, with its memory on the tape.</summary>
    internal ModelCall Part(in ModelCall call, int part)
    {
        var of = call.Part(Definition, Partition.First(part), Partition.Count(part));
        of.Tape = _memory.Pointer + (part * _part.Memory);
        of.Workspace = _workspace.Pointer + (part * _part.Workspace);
        return of;
    }

    /// <summary>A part's token ids of the last Forward; null for feature models.</summary>
    internal int* Tokens(int part) => OfPart(_tokens, part);

    /// <summary>Which of a part's tokens are the same; null for feature models.</summary>
    internal int* TokenLinks(int part) => OfPart(_tokenLinks, part);

    /// <summary>Finds out which of a part's tokens are the same.</summary>
    internal void LinkTokens(int part) => RowOps.LinkTokens(
        Tokens(part), (nint)Steps * Partition.Count(part), TokenLinks(part), _lastOfToken.AsSpan(part * Definition.Vocabulary, Definition.Vocabulary));

    /// <summary>A part's state, or its gradient, while a pass runs.</summary>
    internal float* State(int part) => _state.Pointer + StateLength(Partition.First(part));

    /// <summary>Floats of the state of so many samples.</summary>
    internal long StateLength(int samples) => (long)_stateFloats * samples;

    internal void SetLengths(ReadOnlySpan<int> lengths)
    {
        HasLengths = !lengths.IsEmpty;
        lengths.CopyTo(_lengths);
    }

    /// <summary>Notes whose values Forward used, and which.</summary>
    internal void SetFilledBy(ParameterSet parameters, bool startsLearned) =>
        (_filledBy, _filledVersion, StartsLearned) = (parameters, parameters.Version, startsLearned);

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

    /// <summary>Notes what Forward attended to.</summary>
    internal void SetMemory(ModelMemory? memory) => (_attended, _memoryVersion) = (memory, memory?.Version ?? 0);

    /// <summary>Refuses a Backward after what Forward attended to has changed.</summary>
    internal void RequireMemory()
    {
        if (_attended is not null && _attended.Version != _memoryVersion)
        {
            throw new InvalidOperationException(
                "The memory that Forward attended to has been set anew since, or was overwritten by its gradient; call Forward again before Backward.");
        }
    }

    /// <summary>Gives a call what Forward attended to, and zeros for its gradient.</summary>
    internal void BindMemory(ref ModelCall call, ParameterSet parameters)
    {
        if (_attended is null)
        {
            return;
        }

        _attended.Bind(ref call, Definition, parameters);
        var (rows, keys) = _attended.Lengths(Definition);
        if (_memoryGradients is null || _memoryGradients.Length < rows + keys)
        {
            _memoryGradients = new AlignedBuffer(rows + keys);
            _memoryGradientSums = GC.AllocateUninitializedArray<double>((int)_memoryGradients.Length, pinned: true);
        }

        _memoryGradients.Span[..checked((int)(rows + keys))].Clear();
        call.MemoryRowsGradient = _memoryGradients.Pointer;
        call.MemoryKeysGradient = _memoryGradients.Pointer + rows;
        call.MemoryGradientSums = (double*)Marshal.UnsafeAddrOfPinnedArrayElement(_memoryGradientSums, 0);
    }

    /// <summary>Hands the memory's gradient to the state that receives the initial state's.</summary>
    internal void GiveMemoryGradient(ModelState? initialStateGradient)
    {
        if (_attended is not null)
        {
            initialStateGradient?.SetMemoryLike(_attended, _memoryGradients!.Pointer);
        }
    }

    private void Lay(int steps, int batch, int threads)
    {
        _filledBy = null;
        var partition = BatchPartition.Choose(Definition, steps, batch, threads);
        var part = PartLengths.Of(Definition, _kernels, steps, partition);
        _memory = Grow(_memory, "The tape", partition.Parts * part.Memory, steps, batch);
        _workspace = Grow(_workspace, "The temporary memory of training", partition.Parts * part.Workspace, steps, batch);
        _state = Grow(_state, "The state", StateLength(batch), steps, batch);

        // Lanes past a row's end are multiplied by zero weights, so what another shape left there must at least be finite.
        _workspace.Span.Clear();
        var tokens = (long)steps * batch;
        if (Definition.TakesTokens && _tokens.Length < tokens)
        {
            _tokens = GC.AllocateArray<int>((int)ModelChecks.Room(Definition, "The tape's tokens", tokens, steps, batch), pinned: true);
            _tokenLinks = GC.AllocateArray<int>(_tokens.Length, pinned: true);
        }

        var lasts = (long)partition.Parts * Definition.Vocabulary;
        if (_lastOfToken.Length < lasts)
        {
            _lastOfToken = new int[ModelChecks.Room(Definition, "The tape's places of tokens", lasts, steps, batch)];
            Array.Fill(_lastOfToken, RowOps.NoToken);
        }

        if (_lengths.Length < batch)
        {
            _lengths = GC.AllocateArray<int>(batch, pinned: true);
        }

        (Steps, Batch, _threads, Partition, _part) = (steps, batch, threads, partition, part);
    }

    private int* OfPart(int[] tokens, int part) =>
        Definition.TakesTokens ? (int*)Marshal.UnsafeAddrOfPinnedArrayElement(tokens, 0) + ((long)Steps * Partition.First(part)) : null;

    private AlignedBuffer Grow(AlignedBuffer buffer, string what, long length, int steps, int batch) =>
        ModelChecks.Room(Definition, what, length, steps, batch) <= buffer.Length ? buffer : new AlignedBuffer(length);

    /// <summary>Floats that each part has, so that it starts at a cache line.</summary>
    private readonly record struct PartLengths(long Memory, long Workspace)
    {
        // Bytes that a pointer still counts, with a bit to spare.
        private const double MostBytes = 1L << 62;

        public static PartLengths Of(ModelDefinition model, ModelKernels kernels, int steps, BatchPartition partition)
        {
            // The kernels count in pointers, which wrap: first what far fewer rows need, as many times as there are more.
            var (fewSteps, few) = (Math.Min(steps, 1024 * 1024), Math.Min(partition.Batch, 1024));
            var bytes = (double)sizeof(float) * (kernels.TapeLength(fewSteps, few) + kernels.TrainingWorkspaceLength(fewSteps, few));
            if (bytes * steps / fewSteps * partition.Batch / few >= MostBytes)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(steps), steps,
                    $"A tape of {model.Name} for T = {steps} steps and B = {partition.Batch} samples would have 2^62 bytes or more.");
            }

            long memory = 0, workspace = 0;
            for (var part = 0; part < partition.Parts; part++)
            {
                memory = Math.Max(memory, kernels.TapeLength(steps, partition.Count(part)));
                workspace = Math.Max(workspace, kernels.TrainingWorkspaceLength(steps, partition.Count(part)));
            }

            return partition.Parts == 1 ? new(memory, workspace) : new(AlignedBuffer.RoundUp(memory), AlignedBuffer.RoundUp(workspace));
        }
    }
}
