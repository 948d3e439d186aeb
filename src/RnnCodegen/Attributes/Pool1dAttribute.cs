namespace RnnCodegen;

/// <summary>Pools windows of steps into one step each, feature by feature. T' = (T - size) / stride + 1.</summary>
/// <param name="pooling">Mean or maximum.</param>
/// <param name="size">Steps of a window.</param>
public sealed class Pool1dAttribute(Pooling pooling, int size) : ChainedLayerAttribute
{
    /// <summary>Mean or maximum.</summary>
    public Pooling Pooling { get; } = pooling;

    /// <summary>Steps of a window.</summary>
    public int Size { get; } = size;

    /// <summary>Steps from one window to the next; 0 for the window's size.</summary>
    public int Stride { get; set; }
}
