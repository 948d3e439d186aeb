namespace RnnCodegen.Generators.Specs;

/// <summary>The activation that a model's outputs come from, which a loss must know.</summary>
internal static class OutputActivation
{
    // Where joined outputs have several: those that a loss of logits takes least, first.
    private static readonly ActivationKind[] s_worstFirst =
    [
        ActivationKind.Sigmoid, ActivationKind.HardSigmoid, ActivationKind.HardSigmoidKeras2, ActivationKind.Relu, ActivationKind.Tanh, ActivationKind.Elu,
        ActivationKind.LeakyRelu, ActivationKind.Linear,
    ];

    /// <summary>
    /// The activation of the last layer, or of the one before where the last keeps its range; of joined layers the one that a loss of logits takes least. Linear
    /// where there is none, or it is not known.
    /// </summary>
    /// <param name="layers">A model's layers.</param>
    public static ActivationKind Of(IReadOnlyList<LayerSpec> layers) => Of(layers, layers.Count - 1);

    private static ActivationKind Of(IReadOnlyList<LayerSpec> layers, int index)
    {
        if (index < 0)
        {
            return ActivationKind.Linear;
        }

        var layer = layers[index];
        return layer switch
        {
            DenseSpec dense => dense.Activation.Kind,
            Conv1dSpec conv => conv.Activation.Kind,
            ElmanSpec elman => elman.Activation.Kind,

            // A mean of old and new values, and a part of the cell, as long as gates are from 0 to 1; a projection adds up several.
            GruSpec gru when IsGate(gru.GateActivation) => gru.Activation.Kind,
            LstmSpec { Projection: 0 } lstm when IsGate(lstm.GateActivation) => lstm.CellActivation.Kind,
            ActivationLayerSpec { Activation.Kind: not ActivationKind.Linear and var kind } => kind,

            // Means, maxima and choices of values stay within their bounds.
            ActivationLayerSpec or DropoutSpec or ReverseTimeSpec or Pool1dSpec or SequencePoolSpec => Of(layers, layer.Sources[0]),
            ConcatSpec => layer.Sources.Select(s => Of(layers, s)).OrderBy(k => Array.IndexOf(s_worstFirst, k)).First(),
            _ => ActivationKind.Linear,
        };
    }

    private static bool IsGate(ActivationSpec gate) => gate.Kind is ActivationKind.Sigmoid or ActivationKind.HardSigmoid or ActivationKind.HardSigmoidKeras2;
}
