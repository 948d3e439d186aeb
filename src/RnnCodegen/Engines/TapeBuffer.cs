namespace RnnCodegen;

/// <summary>An engine's memory of a tape.</summary>
internal abstract class TapeBuffer
{
    /// <summary>The layout, see <see cref="IModelEngine.Layout"/>.</summary>
    public abstract string Layout { get; }

    /// <summary>Makes room for T steps of B samples; allocates only where there has never been as much.</summary>
    public abstract void Lay(int steps, int batch);
}
