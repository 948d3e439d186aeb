using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a minimal LSTM layer; gates in the order f, i, g. It has input weights and biases only.</summary>
public sealed class MinLstmLayer : RecurrentLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public MinLstmLayer(ParameterSet parameters, string name, int units, int layers, bool bidirectional)
        : base(parameters, name, units, layers, bidirectional)
    {
    }

    /// <summary>The weights of one stacked layer and direction.</summary>
    /// <param name="layer">0 for the one that reads the input.</param>
    /// <param name="reverse">The reverse direction of a bidirectional layer.</param>
    /// <exception cref="ArgumentException">There is no such layer or direction.</exception>
    public RecurrentWeights this[int layer, bool reverse = false] => At(layer, reverse);
}
