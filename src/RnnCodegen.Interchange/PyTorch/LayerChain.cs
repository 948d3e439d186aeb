using System.Diagnostics.CodeAnalysis;

namespace RnnCodegen.Interchange;

/// <summary>Finds an order of layers in which each reads rows as wide as the one before it writes.</summary>
internal static class LayerChain
{
    /// <summary>Trials after which no more orders are looked at.</summary>
    private const int MaxTrials = 100_000;

    /// <summary>Whether the layers follow each other as they are.</summary>
    public static bool Follow(IReadOnlyList<ImportedLayer> layers) => Follow(layers, out _, out _);

    /// <summary>Whether the layers follow each other as they are; else the first that does not, and the width of the rows before it.</summary>
    public static bool Follow(IReadOnlyList<ImportedLayer> layers, [NotNullWhen(false)] out ImportedLayer? misfit, out int? width)
    {
        width = null;
        foreach (var layer in layers)
        {
            if (!Fits(layer, width))
            {
                misfit = layer;
                return false;
            }

            width = layer.Output ?? width;
        }

        misfit = null;
        return true;
    }

    /// <summary>The order nearest to the given one, first places first; null where there is none.</summary>
    public static List<ImportedLayer>? Find(IReadOnlyList<ImportedLayer> layers)
    {
        var order = new List<ImportedLayer>();
        var trials = 0;
        return Extend(null) ? order : null;

        bool Extend(int? width)
        {
            if (order.Count == layers.Count)
            {
                return true;
            }

            foreach (var layer in layers)
            {
                if (order.Contains(layer) || !Fits(layer, width) || ++trials > MaxTrials)
                {
                    continue;
                }

                order.Add(layer);
                if (Extend(layer.Output ?? width))
                {
                    return true;
                }

                order.RemoveAt(order.Count - 1);
            }

            return false;
        }
    }

    /// <summary>Whether a layer can read rows of a width; of any, as the first, where that is null.</summary>
    private static bool Fits(ImportedLayer layer, int? width) =>
        width is null ? layer.Input is not null : layer.Input is null || layer.Input == width;
}
