namespace RnnCodegen;

/// <summary>
/// An engine's memory of a state. The caller reads and writes its values
/// between calls; an engine that computes elsewhere carries them over.
/// </summary>
internal abstract class StateBuffer
{
    /// <summary>All values there is room for.</summary>
    public abstract Span<float> Values { get; }

    /// <summary>Makes room; the values are undefined afterwards. Allocates only where there has never been as much.</summary>
    public abstract void Reserve(long floats);
}
