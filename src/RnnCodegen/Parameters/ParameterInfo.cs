namespace RnnCodegen;

/// <summary>The role of a parameter tensor in its layer; decides how it is initialised and whether weight decay applies.</summary>
public enum ParameterRole
{
    /// <summary>A recurrent layer's weights on its input, [G H, I].</summary>
    InputWeight,

    /// <summary>A recurrent layer's weights on its hidden state, [G H, H].</summary>
    HiddenWeight,

    /// <summary>An LSTM's projection of the hidden state, [P, H].</summary>
    ProjectionWeight,

    /// <summary>An LSTM's peephole weights of one gate, [H].</summary>
    Peephole,

    /// <summary>A recurrent layer's input bias, [G H].</summary>
    InputBias,

    /// <summary>A recurrent layer's hidden bias, [G H].</summary>
    HiddenBias,

    /// <summary>A recurrent layer's learned state before the first step, hidden [H] or cell [H].</summary>
    InitialState,

    /// <summary>A dense layer's weights, [N, K].</summary>
    DenseWeight,

    /// <summary>A dense layer's bias, [N].</summary>
    DenseBias,

    /// <summary>An embedding table, [V, E].</summary>
    EmbeddingTable,

    /// <summary>A layer norm's scale, [N].</summary>
    NormScale,

    /// <summary>A layer norm's shift, [N].</summary>
    NormShift,

    /// <summary>The vector that scores rows for attention, [N].</summary>
    AttentionWeight,

    /// <summary>An affine layer's factors, [W].</summary>
    AffineScale,

    /// <summary>An affine layer's terms, [W].</summary>
    AffineShift,

    /// <summary>A PReLU layer's slopes where x is not positive, [W].</summary>
    PReluSlope,
}

/// <summary>One named tensor of a model's flat parameter buffer.</summary>
/// <param name="Name">PyTorch's name, e.g. <c>Encoder.weight_ih_l0</c>.</param>
/// <param name="Role">The tensor's role.</param>
/// <param name="Offset">First element in the flat buffer.</param>
/// <param name="Rows">Rows (output features), or the length of a vector.</param>
/// <param name="Columns">Columns (input features), or 0 for a vector.</param>
/// <param name="FanIn">Inputs a unit sees, for PyTorch's bound 1 / sqrt(FanIn): H for recurrent tensors, K for dense ones.</param>
/// <param name="ForgetOffset">First element, within the tensor, of the LSTM forget gate's rows; -1 where there is none.</param>
/// <param name="ForgetLength">Number of the forget gate's rows.</param>
public sealed record ParameterInfo(
    string Name, ParameterRole Role, int Offset, int Rows, int Columns, int FanIn, int ForgetOffset = -1, int ForgetLength = 0)
{
    /// <summary>Steps K of a convolution's kernel, whose tensor is [Rows, Columns / K, K]; 0 of a matrix or vector.</summary>
    public int Kernel { get; init; }

    /// <summary>Number of elements.</summary>
    public int Length => Columns == 0 ? Rows : Rows * Columns;
}
