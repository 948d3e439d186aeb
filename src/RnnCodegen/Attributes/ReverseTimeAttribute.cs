namespace RnnCodegen;

/// <summary>Reverses each sample's valid steps: row t is that of step length - 1 - t. Such a model cannot stream.</summary>
public sealed class ReverseTimeAttribute : ChainedLayerAttribute;
