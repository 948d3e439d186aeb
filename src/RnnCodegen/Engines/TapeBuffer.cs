namespace RnnCodegen;

/// <summary>An engine's memory of a tape.</summary>
internal abstract class TapeBuffer
{
    /// <summary>The layout, see <see cref="IModelEngine.Layout"/>.</summary>
    public abstract string Layout { get; }

    /// <summary>Makes room for T steps of B samples; allocates only where there has never been as much.</summary>
    public abstract void Lay(int steps, int batch);

    /// <summary>Copies the weights of an attention layer that the last Forward left with the engine.</summary>
    /// <param name="layer">The layer's place among the attention layers.</param>
    /// <param name="weights">Receives [T, B, S]; of the layer's own steps, which may be fewer.</param>
    /// <param name="steps">The layer's steps.</param>
    public virtual void CopyAttention(int layer, Span<float> weights, out int steps) =>
        throw new NotSupportedException("The engine writes the weights of attention into the tape's own memory.");
}
