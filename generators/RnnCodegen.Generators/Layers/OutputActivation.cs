using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>The activation that a model's outputs come from, which a loss must know.</summary>
internal static class OutputActivation
{
    /// <summary>
    /// The activation of the last layer, or of the one before where the last keeps its range; of joined layers the one that a loss of
    /// logits takes least. Linear where there is none, or it is not known.
    /// </summary>
    /// <param name="layers">A model's layers.</param>
    public static ActivationKind Of(IReadOnlyList<LayerSpec> layers) => Of(layers, layers.Count - 1);

    /// <summary>Of several activations the one that a loss of logits takes least.</summary>
    public static ActivationKind Worst(IEnumerable<ActivationKind> kinds) => kinds.OrderBy(FreedomOf).ThenBy(k => k).First();

    /// <summary>Whether a gate's values are from 0 to 1, so that it takes a part of what it gates.</summary>
    public static bool IsPart(ActivationSpec gate) => ActivationRange.IsShare($"{gate.Kind}");

    /// <summary>
    /// How well an activation's values are logits: shares of 1 least, then what is never negative, then what has two bounds, one, none.
    /// </summary>
    private static int FreedomOf(ActivationKind kind) => ActivationRange.Of($"{kind}") switch
    {
        (0, 1) => 0,
        (0, _) => 1,
        (> double.NegativeInfinity, < double.PositiveInfinity) => 2,
        (> double.NegativeInfinity, _) => 3,
        _ => kind == ActivationKind.Linear ? 5 : 4,
    };

    private static ActivationKind Of(IReadOnlyList<LayerSpec> layers, int index) =>
        index < 0 ? ActivationKind.Linear : layers[index].ActivationBehind(source => Of(layers, source));
}
