namespace RnnCodegen.Interchange;

/// <summary>How a program lays weights out, where its file holds tensors and no model.</summary>
public enum WeightLayout
{
    /// <summary>
    /// Keras' <c>kernel</c> [inputs, gates], <c>recurrent_kernel</c> [units, gates] and <c>bias</c>, gates i, f, c, o or z, r, h.
    /// </summary>
    Keras,

    /// <summary>
    /// TensorFlow's cells: one <c>kernel</c> [inputs and units, gates] and <c>bias</c>, gates i, j, f, o; a GRU's <c>gates</c> r, u and its
    /// <c>candidate</c> by themselves.
    /// </summary>
    TensorFlow,

    /// <summary>RNNoise's <c>weights</c>, <c>recurrent</c> and <c>bias</c>, whole numbers over 256, gates z, r, h.</summary>
    Rnnoise,
}
