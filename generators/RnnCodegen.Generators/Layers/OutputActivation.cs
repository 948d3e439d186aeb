using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

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

    /// <summary>Of several activations the one that a loss of logits takes least.</summary>
    public static ActivationKind Worst(IEnumerable<ActivationKind> kinds) => kinds.OrderBy(k => Array.IndexOf(s_worstFirst, k)).First();

    /// <summary>Whether a gate's values are from 0 to 1, so that it takes a part of what it gates.</summary>
    public static bool IsPart(ActivationSpec gate) => gate.Kind is ActivationKind.Sigmoid or ActivationKind.HardSigmoid or ActivationKind.HardSigmoidKeras2;

    private static ActivationKind Of(IReadOnlyList<LayerSpec> layers, int index) =>
        index < 0 ? ActivationKind.Linear : layers[index].ActivationBehind(source => Of(layers, source));
}
