using System.Runtime.InteropServices;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// What a model's Forward keeps for its Backward, and the temporary memory of both. Use one tape for many batches: it grows where a larger
/// one comes and is not allocated again otherwise. A tape serves one call at a time.
/// </summary>
/// <remarks>A batch that several threads share is on the tape in parts, and Backward takes it in the parts that Forward left.</remarks>
public sealed class Tape
{
    private int[] _lengths = [];
    private ModelMemory? _attended;
    private int _memoryVersion;
    private ParameterSet? _filledBy;
    private int _filledVersion;
    private float[] _attention = [];
    private int[] _attentionSteps = [];
    private int _attentionColumns;
    private bool _attentionIsWithEngine;

    internal Tape(ModelDefinition definition, TapeBuffer buffer, int steps, int batch)
    {
        (Definition, Buffer) = (definition, buffer);
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

    /// <summary>
    /// Whether Forward keeps the weights that attention layers give the rows of the memory, for <see cref="AttentionOf"/>; false unless
    /// set. They cost a second look at each row, and T B S floats a layer.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model has no attention layer.</exception>
    public bool KeepsAttention
    {
        get;
        set => field = !value || Definition.AttentionLayers.Count > 0
            ? value
            : throw new InvalidOperationException($"{Definition.Name} has no [Attention] layer, whose weights could be kept.");
    }

    /// <summary>
    /// Which part of a larger batch this one is, for its dropout masks: the samples before it, and all that are elsewhere.
    /// </summary>
    internal (int Before, int Elsewhere) Place { get; set; }

    internal ModelDefinition Definition { get; }

    /// <summary>The memory, where the engine has it.</summary>
    internal TapeBuffer Buffer { get; }

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
        if (Steps == steps && Batch == batch)
        {
            return;
        }

        Forget();
        Buffer.Lay(steps, batch);
        if (_lengths.Length < batch)
        {
            _lengths = new int[batch];
        }

        (Steps, Batch) = (steps, batch);
    }

    /// <summary>
    /// How much each step of a sample attended to each row of the memory in the last Forward: [T, S], rows that add up to 1, with 0 past
    /// the memory's valid rows, and nothing but 0 past the sample's own steps. T are the layer's steps, 1 where it has a row per sequence.
    /// Of a model on a GPU the first call after a Forward copies them from there.
    /// </summary>
    /// <param name="sample">The sample.</param>
    /// <param name="layer">The attention layer's name; may be null where the model has one.</param>
    /// <exception cref="InvalidOperationException">
    /// No Forward has filled the tape since it was reshaped, <see cref="KeepsAttention"/> was not set, or the weights were on a GPU when a
    /// later call failed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The weights are on a GPU, and the model was disposed.</exception>
    /// <exception cref="ArgumentException">The model has no such layer, or several and none is named.</exception>
    public float[,] AttentionOf(int sample = 0, string? layer = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sample, Batch);
        if (_filledBy is null || _attentionColumns == 0)
        {
            throw new InvalidOperationException(
                $"The tape has no weights of attention: set {nameof(KeepsAttention)}, then call Forward with it.");
        }

        var place = Definition.AttentionPlace(layer);
        if (_attentionIsWithEngine)
        {
            FetchAttention();
        }

        var weights = new float[_attentionSteps[place], _attentionColumns];
        for (var t = 0; t < weights.GetLength(0); t++)
        {
            for (var s = 0; s < _attentionColumns; s++)
            {
                weights[t, s] = _attention[((((((long)place * Steps) + t) * Batch) + sample) * _attentionColumns) + s];
            }
        }

        return weights;
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
        return CpuTape.Bytes(definition, kernels, steps, batch, BatchPartition.RequireThreads(maxThreads, nameof(maxThreads)));
    }

    /// <summary>Gives a call room for the weights of attention layers, where they are kept.</summary>
    internal unsafe void BindAttention(ref ModelCall call)
    {
        if (!KeepsAttention)
        {
            return;
        }

        LayAttention(call.MemorySteps);
        call.AttentionWeights = (float*)Marshal.UnsafeAddrOfPinnedArrayElement(_attention, 0);
        call.AttentionSteps = (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_attentionSteps, 0);
    }

    /// <summary>Notes that Forward left the weights of attention layers with the engine, which copies them when asked.</summary>
    /// <param name="memorySteps">Rows S of each sample's memory.</param>
    internal void LeaveAttention(int memorySteps) => (_attentionColumns, _attentionIsWithEngine) = (memorySteps, true);

    /// <summary>Forgets what an earlier Forward left.</summary>
    internal void Forget() => (_filledBy, _attentionColumns, _attentionIsWithEngine) = (null, 0, false);

    private void LayAttention(int memorySteps)
    {
        var layers = Definition.AttentionLayers.Count;
        var length = (long)Int128.Min((Int128)layers * Steps * Batch * memorySteps, long.MaxValue);
        if (_attention.Length < ModelChecks.Room(Definition, "The weights of attention", length, Steps, Batch))
        {
            _attention = GC.AllocateUninitializedArray<float>((int)length, pinned: true);
        }

        if (_attentionSteps.Length == 0)
        {
            _attentionSteps = GC.AllocateArray<int>(layers, pinned: true);
        }

        _attentionSteps.AsSpan().Clear();
        _attentionColumns = memorySteps;
    }

    private void FetchAttention()
    {
        LayAttention(_attentionColumns);
        var length = Steps * Batch * _attentionColumns;
        for (var place = 0; place < _attentionSteps.Length; place++)
        {
            Buffer.CopyAttention(place, _attention.AsSpan(place * length, length), out _attentionSteps[place]);
        }

        _attentionIsWithEngine = false;
    }

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
                : _filledBy == parameters
                    ? "The parameters have changed since Forward filled this tape; call Forward again before Backward."
                : "Forward of another model filled this tape; call this model's Forward before its Backward.");
        }
    }

    /// <summary>What Forward attended to; null where the model attends to nothing.</summary>
    internal ModelMemory? Attended => _attended;

    /// <summary>Notes what Forward attended to.</summary>
    internal void SetAttended(ModelMemory? memory) => (_attended, _memoryVersion) = (memory, memory?.Version ?? 0);

    /// <summary>Refuses a Backward after what Forward attended to has changed.</summary>
    internal void RequireMemory()
    {
        if (_attended is not null && _attended.Version != _memoryVersion)
        {
            throw new InvalidOperationException(
                "The memory that Forward attended to has been set anew since, or was overwritten by its gradient; call Forward again " +
                "before Backward.");
        }
    }
}
