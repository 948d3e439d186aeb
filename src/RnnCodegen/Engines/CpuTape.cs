using System.Runtime.InteropServices;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// A tape in the memory of the host, and the temporary memory of Forward and Backward. A batch that several threads share is on it in
/// parts, and Backward takes it in the parts that Forward left.
/// </summary>
internal sealed unsafe class CpuTape : TapeBuffer
{
    private readonly ModelDefinition _model;
    private readonly ModelKernels _kernels;
    private readonly int _stateFloats;
    private AlignedBuffer _memory = new(1);
    private AlignedBuffer _workspace = new(1);
    private AlignedBuffer _state = new(1);
    private AlignedBuffer? _memoryGradients;
    private double[] _memoryGradientSums = [];
    private readonly int[] _vocabularies;
    private readonly int _mostIds;
    private int[] _tokens = [];
    private int[] _tokenLinks = [];
    private int[] _lastOfToken = [];
    private PartLengths _part;
    private int _steps;
    private int _batch;
    private int _threads;

    public CpuTape(ModelDefinition model, ModelKernels kernels, int stateFloats, int threads)
    {
        (_model, _kernels, _stateFloats, _threads) = (model, kernels, stateFloats, threads);
        _vocabularies = model.TakesTokens ? [model.Vocabulary] : [.. model.Categories.Select(c => c.Count)];
        _mostIds = _vocabularies.DefaultIfEmpty().Max();
        Layout = CpuEngine.LayoutOf(kernels);
        Pass = new TrainingPass(this);
    }

    /// <summary>The vector width of the generated code whose layout this memory has.</summary>
    public override string Layout { get; }

    /// <summary>The passes on this memory.</summary>
    public TrainingPass Pass { get; }

    /// <summary>How the batch is divided.</summary>
    public BatchPartition Partition { get; private set; }

    /// <summary>Bytes of a tape, see <see cref="Tape.Bytes"/>.</summary>
    public static long Bytes(ModelDefinition model, ModelKernels kernels, int steps, int batch, int maxThreads)
    {
        var partition = BatchPartition.Choose(model, steps, batch, maxThreads);
        var part = PartLengths.Of(model, kernels, steps, partition);
        return sizeof(float) * partition.Parts * (part.Memory + part.Workspace);
    }

    /// <summary>Divides the batch for so many threads.</summary>
    public void Divide(int threads)
    {
        if (_threads != threads)
        {
            Lay(_steps, _batch, threads);
        }
    }

    /// <summary>A part of the user's call, with its memory on the tape.</summary>
    public ModelCall Part(in ModelCall call, int part)
    {
        var of = call.Part(_model, Partition.First(part), Partition.Count(part));
        of.Tape = _memory.Pointer + (part * _part.Memory);
        of.Workspace = _workspace.Pointer + (part * _part.Workspace);
        return of;
    }

    /// <summary>Whether the model looks up rows of tables, by tokens or by categories.</summary>
    public bool HasIds => _vocabularies.Length > 0;

    /// <summary>
    /// A part's token ids of the last Forward, or the categories of each column, one column after the other; null without ids.
    /// </summary>
    public int* Tokens(int part) => OfPart(_tokens, part);

    /// <summary>Which of a part's ids are the same; null without ids.</summary>
    public int* TokenLinks(int part) => OfPart(_tokenLinks, part);

    /// <summary>Finds out which of a part's ids are the same.</summary>
    public void LinkTokens(int part)
    {
        var rows = (nint)_steps * Partition.Count(part);
        for (var k = 0; k < _vocabularies.Length; k++)
        {
            RowOps.LinkTokens(
                Tokens(part) + (k * rows), rows, TokenLinks(part) + (k * rows), _lastOfToken.AsSpan(part * _mostIds, _vocabularies[k]));
        }
    }

    /// <summary>Keeps the ids in a part's columns of categories for Backward: the rows are still the caller's.</summary>
    public void KeepCategories(in ModelCall call, int part)
    {
        var ids = Tokens(part);
        for (var k = 0; k < _model.Categories.Count; k++)
        {
            var column = call.Input + _model.Categories[k].Column;
            for (var t = 0; t < call.Steps; t++)
            {
                for (var b = 0; b < call.Batch; b++)
                {
                    var isValid = call.Lengths == null || t < call.Lengths[b];
                    *ids++ = isValid ? (int)column[(((nint)t * call.WholeBatch) + b) * _model.InputSize] : 0;
                }
            }
        }
    }

    /// <summary>A part's state, or its gradient, while a pass runs.</summary>
    public float* State(int part) => _state.Pointer + StateLength(Partition.First(part));

    /// <summary>Floats of the state of so many samples.</summary>
    public long StateLength(int samples) => (long)_stateFloats * samples;

    /// <summary>Gives a call zeros for the gradient of what it attends to.</summary>
    public void BindMemoryGradient(ref ModelCall call, CpuMemory attended)
    {
        var (rows, keys) = attended.Lengths(_model);
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

    /// <inheritdoc/>
    public override void Lay(int steps, int batch) => Lay(steps, batch, _threads);

    private void Lay(int steps, int batch, int threads)
    {
        var partition = BatchPartition.Choose(_model, steps, batch, threads);
        var part = PartLengths.Of(_model, _kernels, steps, partition);
        _memory = Grow(_memory, "The tape", partition.Parts * part.Memory, steps, batch);
        _workspace = Grow(_workspace, "The temporary memory of training", partition.Parts * part.Workspace, steps, batch);
        _state = Grow(_state, "The state", StateLength(batch), steps, batch);

        // Lanes past a row's end are multiplied by zero weights, so what another shape left there must at least be finite.
        _workspace.Span.Clear();
        var tokens = (long)steps * batch * _vocabularies.Length;
        if (_tokens.Length < tokens)
        {
            _tokens = GC.AllocateArray<int>((int)ModelChecks.Room(_model, "The tape's ids", tokens, steps, batch), pinned: true);
            _tokenLinks = GC.AllocateArray<int>(_tokens.Length, pinned: true);
        }

        var lasts = (long)partition.Parts * _mostIds;
        if (_lastOfToken.Length < lasts)
        {
            _lastOfToken = new int[ModelChecks.Room(_model, "The tape's places of ids", lasts, steps, batch)];
            Array.Fill(_lastOfToken, RowOps.NoToken);
        }

        (_steps, _batch, _threads, Partition, _part) = (steps, batch, threads, partition, part);
    }

    private int* OfPart(int[] tokens, int part) =>
        HasIds
            ? (int*)Marshal.UnsafeAddrOfPinnedArrayElement(tokens, 0) + ((long)_steps * Partition.First(part) * _vocabularies.Length)
            : null;

    private AlignedBuffer Grow(AlignedBuffer buffer, string what, long length, int steps, int batch) =>
        ModelChecks.Room(_model, what, length, steps, batch) <= buffer.Length ? buffer : new AlignedBuffer(length);

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
