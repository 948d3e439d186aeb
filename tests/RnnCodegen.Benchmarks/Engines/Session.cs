namespace RnnCodegen.Benchmarks.Engines;

/// <summary>One engine, set up for one workload: what is timed is <see cref="Invoke"/> alone.</summary>
internal abstract class Session : IDisposable
{
    /// <summary>Of the optimizers, in a training step.</summary>
    protected const float LearningRate = 1e-3f;

    /// <summary>Of AdamW: our default and PyTorch's, but not TorchSharp's.</summary>
    protected const double WeightDecay = 0.01;

    private int _row;

    protected Session(Workload workload, LayerData data) => (Workload, Data) = (workload, data);

    /// <summary>The case.</summary>
    public Workload Workload { get; }

    /// <summary>Weights and inputs, the same for all engines.</summary>
    public LayerData Data { get; }

    /// <summary>One call: a step that continues from the state of the step before, or a sequence or batch from a zero state.</summary>
    public abstract void Invoke();

    /// <summary>The output of the last call [T, B, H], or [H] of a step; of a training step its loss.</summary>
    public abstract float[] Output();

    /// <summary>The gradients of the last call, in the order dW, dU, db (input), db (hidden), dx; empty except in Train.</summary>
    public virtual float[][] Gradients() => [];

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    /// <summary>The index of the input row of this step; they come in turn.</summary>
    protected int NextRow() => _row = _row + 1 == Workload.Steps ? 0 : _row + 1;
}
