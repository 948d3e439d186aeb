namespace RnnCodegen;

/// <summary>
/// Attends to the rows of a memory, e.g. an encoder's outputs: y_t = sum_s a_s m_s with a = softmax_s(score(x_t, m_s)) over the memory's
/// valid rows. The memory comes with the state.
/// </summary>
public sealed class AttentionAttribute : ChainedLayerAttribute
{
    /// <summary>How a row is scored against the memory's rows.</summary>
    public AttentionScore Score { get; set; }

    /// <summary>Width of v in <see cref="AttentionScore.Additive"/>; the memory's width where 0.</summary>
    public int Units { get; set; }
}
