namespace RnnCodegen.Benchmarks.Engines;

/// <summary>One engine, set up for one workload: what is timed is <see cref="Invoke"/> alone.</summary>
internal abstract class Session : IDisposable
{
    private int _row;

    protected Session(Workload workload, LayerData data) => (Workload, Data) = (workload, data);

    /// <summary>The case.</summary>
    public Workload Workload { get; }

    /// <summary>Weights and inputs, the same for all engines.</summary>
    public LayerData Data { get; }

    /// <summary>One call: a step that continues from the state of the step before, or a sequence or batch from a zero state.</summary>
    public abstract void Invoke();

    /// <summary>The output of the last call [T, B, H], or [H] of a step.</summary>
    public abstract float[] Output();

    /// <summary>The gradients of the last call, in the order dW, dU, db (input), db (hidden), dx; empty except in training.</summary>
    public virtual float[][] Gradients() => [];

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    /// <summary>The index of the input row of this step; they come in turn.</summary>
    protected int NextRow() => _row = _row + 1 == Workload.Steps ? 0 : _row + 1;
}

/// <summary>What all engines compute with: the weights of our model, random inputs and output gradients.</summary>
internal sealed class LayerData
{
    public LayerData(Workload workload, ModelCore model)
    {
        (WeightInput, WeightHidden) = (Tensor(model, "weight_ih"), Tensor(model, "weight_hh"));
        (BiasInput, BiasHidden) = (Tensor(model, "bias_ih"), Tensor(model, "bias_hh"));
        var random = new Random(2);
        Inputs = Fill(random, workload.Steps * workload.Batch * workload.Inputs);
        OutputGradient = Fill(random, workload.Steps * workload.Batch * workload.Units);
    }

    /// <summary>W [G H, I].</summary>
    public float[] WeightInput { get; }

    /// <summary>U [G H, H].</summary>
    public float[] WeightHidden { get; }

    /// <summary>The bias added to W x [G H].</summary>
    public float[] BiasInput { get; }

    /// <summary>The bias added to U h [G H].</summary>
    public float[] BiasHidden { get; }

    /// <summary>x [T, B, I].</summary>
    public float[] Inputs { get; }

    /// <summary>dy [T, B, H].</summary>
    public float[] OutputGradient { get; }

    private static float[] Tensor(ModelCore model, string kind) => model.Parameters[$"Layer.{kind}_l0"].Values.ToArray();

    private static float[] Fill(Random random, int length)
    {
        var values = new float[length];
        for (var k = 0; k < length; k++)
        {
            values[k] = (random.NextSingle() * 2) - 1;
        }

        return values;
    }
}
