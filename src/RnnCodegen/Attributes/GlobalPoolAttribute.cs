namespace RnnCodegen;

/// <summary>Pools all valid steps of a sequence into one row, feature by feature.</summary>
/// <param name="pooling">Mean or maximum.</param>
public sealed class GlobalPoolAttribute(Pooling pooling) : ChainedLayerAttribute
{
    /// <summary>Mean or maximum.</summary>
    public Pooling Pooling { get; } = pooling;
}
