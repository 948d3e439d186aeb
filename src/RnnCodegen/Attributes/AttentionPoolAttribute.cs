namespace RnnCodegen;

/// <summary>Averages all valid steps of a sequence into one row, with weights softmax_t(w . x_t) from a trained vector w.</summary>
public sealed class AttentionPoolAttribute : ChainedLayerAttribute;
