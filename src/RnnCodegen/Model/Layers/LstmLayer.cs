using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of an LSTM layer; gates in the order i, f, g, o (i, g, o where the gates are coupled).</summary>
public sealed class LstmLayer : RecurrentLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public LstmLayer(ParameterSet parameters, string name, int units, int layers, bool bidirectional)
        : base(parameters, name, units, layers, bidirectional)
    {
    }

    /// <summary>The weights of one stacked layer and direction.</summary>
    /// <param name="layer">0 for the one that reads the input.</param>
    /// <param name="reverse">The reverse direction of a bidirectional layer.</param>
    /// <exception cref="ArgumentException">There is no such layer or direction.</exception>
    public LstmWeights this[int layer, bool reverse = false] => new(At(layer, reverse));

    /// <summary>The learned cell [H] before the first step of the first layer, forward.</summary>
    /// <exception cref="InvalidOperationException">The layer starts from zeros.</exception>
    public Parameter InitialCell => this[0].InitialCell;
}

/// <summary>The weights of one stacked LSTM layer and direction. G is the number of gates, H the units, P the projection's size.</summary>
public readonly struct LstmWeights
{
    private const string NoPeepholes = "peepholes; set Peepholes = true on it";

    private readonly RecurrentWeights _weights;

    internal LstmWeights(RecurrentWeights weights) => _weights = weights;

    /// <inheritdoc cref="RecurrentWeights.WeightInput"/>
    public Parameter WeightInput => _weights.WeightInput;

    /// <inheritdoc cref="RecurrentWeights.WeightHidden"/>
    public Parameter WeightHidden => _weights.WeightHidden;

    /// <inheritdoc cref="RecurrentWeights.BiasInput"/>
    public Parameter BiasInput => _weights.BiasInput;

    /// <inheritdoc cref="RecurrentWeights.BiasHidden"/>
    public Parameter BiasHidden => _weights.BiasHidden;

    /// <summary>Projection weights [P, H].</summary>
    /// <exception cref="InvalidOperationException">The layer has no projection.</exception>
    public Parameter Projection => _weights.Find("weight_hr", "projection; set Projection on it");

    /// <summary>The input gate's weights [H] on the previous cell.</summary>
    /// <exception cref="InvalidOperationException">The layer has no peepholes.</exception>
    public Parameter PeepholeInput => _weights.Find("weight_ci", NoPeepholes);

    /// <summary>The forget gate's weights [H] on the previous cell.</summary>
    /// <exception cref="InvalidOperationException">The layer has no peepholes, or no forget gate of its own.</exception>
    public Parameter PeepholeForget => _weights.Find("weight_cf", NoPeepholes + " (a coupled forget gate has none)");

    /// <summary>The output gate's weights [H] on the new cell.</summary>
    /// <exception cref="InvalidOperationException">The layer has no peepholes.</exception>
    public Parameter PeepholeOutput => _weights.Find("weight_co", NoPeepholes);

    /// <inheritdoc cref="RecurrentWeights.NormInput"/>
    public Parameter NormInput => _weights.NormInput;

    /// <inheritdoc cref="RecurrentWeights.NormHidden"/>
    public Parameter NormHidden => _weights.NormHidden;

    /// <summary>Factors [H] of the normalised cell.</summary>
    /// <exception cref="InvalidOperationException">The layer does not normalise.</exception>
    public Parameter NormCell => _weights.Find("norm_c", RecurrentWeights.NoNormalization);

    /// <summary>Terms [H] of the normalised cell.</summary>
    /// <exception cref="InvalidOperationException">The layer does not normalise.</exception>
    public Parameter NormCellShift => _weights.Find("norm_c_bias", RecurrentWeights.NoNormalization);

    /// <inheritdoc cref="RecurrentWeights.InitialHidden"/>
    public Parameter InitialHidden => _weights.InitialHidden;

    /// <summary>The learned cell [H] before the first step.</summary>
    /// <exception cref="InvalidOperationException">The layer starts from zeros.</exception>
    public Parameter InitialCell => _weights.Find("c0", RecurrentWeights.NoInitialState);
}
