namespace RnnCodegen.Generators.Specs;

/// <summary>The activation that a model's outputs come from, which a loss must know.</summary>
internal static class OutputActivation
{
    /// <summary>The activation of the last layer, or of the one before where the last keeps its range; linear where there is none, or it is not known.</summary>
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
            ActivationLayerSpec { Activation.Kind: not ActivationKind.Linear and var kind } => kind,

            // Means, maxima and choices of values stay within their bounds.
            ActivationLayerSpec or DropoutSpec or ReverseTimeSpec or Pool1dSpec or SequencePoolSpec => Of(layers, layer.Sources[0]),
            ConcatSpec when layer.Sources.Select(s => Of(layers, s)).Distinct().Count() == 1 => Of(layers, layer.Sources[0]),
            _ => ActivationKind.Linear,
        };
    }
}
