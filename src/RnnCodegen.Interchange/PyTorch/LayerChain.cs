using System.Diagnostics.CodeAnalysis;

namespace RnnCodegen.Interchange;

/// <summary>Finds orders of layers in which each reads rows as wide as the one before it writes.</summary>
internal static class LayerChain
{
    /// <summary>Trials after which no more orders are looked at.</summary>
    private const int MaxTrials = 20_000;

    /// <summary>Whether the layers follow each other as they are.</summary>
    public static bool Follow(IReadOnlyList<ImportedLayer> layers) => Follow(layers, out _, out _);

    /// <summary>
    /// Whether the layers follow each other as they are; else the first that does not, and the width of the rows before it.
    /// </summary>
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

    /// <summary>
    /// Orders of the layers that follow each other: the first two, those nearest to the given one first. Where there are too many to look
    /// through, the given order stands for those that were not seen, so that one found alone is the only one.
    /// </summary>
    /// <param name="layers">The layers.</param>
    /// <param name="mayFollow">Whether a layer may stand next, behind these and before the rest.</param>
    public static List<List<ImportedLayer>> Find(
        IReadOnlyList<ImportedLayer> layers,
        Func<ImportedLayer, IReadOnlyList<ImportedLayer>, IReadOnlyList<ImportedLayer>, bool> mayFollow)
    {
        var found = new List<List<ImportedLayer>>();
        var (order, rest, trials) = (new List<ImportedLayer>(), layers.ToList(), 0);
        Extend(null);
        while (trials > MaxTrials && found.Count < 2)
        {
            found.Add([.. layers]);
        }

        return found;

        void Extend(int? width)
        {
            if (rest.Count == 0)
            {
                found.Add([.. order]);
                return;
            }

            for (var k = 0; k < rest.Count && found.Count < 2; k++)
            {
                var layer = rest[k];
                if (!Fits(layer, width) || !mayFollow(layer, order, rest) || ++trials > MaxTrials)
                {
                    continue;
                }

                order.Add(layer);
                rest.RemoveAt(k);
                Extend(layer.Output ?? width);
                rest.Insert(k, layer);
                order.RemoveAt(order.Count - 1);
            }
        }
    }

    /// <summary>Whether a layer can read rows of a width; of any, as the first, where that is null.</summary>
    private static bool Fits(ImportedLayer layer, int? width) =>
        width is null ? layer.Input is not null : layer.Input is null || layer.Input == width;
}
