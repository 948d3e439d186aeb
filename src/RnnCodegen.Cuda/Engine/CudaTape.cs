namespace RnnCodegen.Cuda;

/// <summary>A tape on the device: the memory of Forward and Backward, and what Backward has to know of Forward's call.</summary>
internal sealed class CudaTape : TapeBuffer
{
    private int _generation = -1;

    public CudaTape(CudaEngine engine)
    {
        (Engine, Layout) = (engine, engine.Layout);
        Frame = engine.CreateFrame(CudaFrameKind.Training);
        Attention = new CudaAttention(engine);
    }

    public CudaEngine Engine { get; }

    /// <inheritdoc/>
    public override string Layout { get; }

    public CudaFrame Frame { get; }

    /// <summary>The weights of attention layers, where Forward keeps them.</summary>
    public CudaAttention Attention { get; }

    /// <summary>The sizes of the last Forward, and its call.</summary>
    public CudaShape Shape { get; private set; } = null!;

    public CudaCall Call { get; private set; }

    /// <inheritdoc/>
    public override void Lay(int steps, int batch)
    {
        // How many rows are attended to is known only with the call.
    }

    /// <inheritdoc/>
    public override void CopyAttention(int layer, Span<float> weights, out int steps)
    {
        using var turn = Engine.Begin();
        Attention.RequireKept();
        try
        {
            steps = Attention.StepsOf(layer);
            Attention.CopyTo(layer, weights[..Attention.LengthOf(layer)]);
        }
        catch (CudaException failure)
        {
            throw Engine.Failed(failure, null);
        }
    }

    /// <summary>Notes what Forward left.</summary>
    public void SetFilled(CudaShape shape, in CudaCall call) => (Shape, Call, _generation) = (shape, call, Frame.Generation);

    /// <summary>Refuses a Backward where an earlier failure took what Forward had left.</summary>
    public void RequireFilled()
    {
        if (_generation != Frame.Generation)
        {
            throw new InvalidOperationException(
                "What Forward left on the device was lost when a later call failed; call Forward again before Backward.");
        }
    }
}
