using System.Text.RegularExpressions;

namespace RnnCodegen.Interchange;

/// <summary>
/// Finds a model's layers among those of a file of weights. Keras numbers the layers that nobody named through a whole session, so that
/// lstm_3 of one run is lstm of another: where names differ in that number alone, layers of one name are matched in their order.
/// </summary>
internal static partial class KerasLayerNames
{
    /// <summary>The file's names by the model's.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="layers">The model's layers as stored.</param>
    /// <param name="names">The file's layers in order.</param>
    /// <param name="notes">What was matched by order.</param>
    /// <exception cref="InvalidDataException">The model has more or fewer layers of a name than the file.</exception>
    public static IReadOnlyDictionary<string, string> Match(
        string file, IReadOnlyList<KerasLayer> layers, string[] names, out IReadOnlyList<string> notes)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var said = new List<string>();
        var inFile = names.GroupBy(WithoutNumber).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        foreach (var group in layers.GroupBy(l => WithoutNumber(l.Name)))
        {
            var own = group.Select(l => l.Name).ToList();
            var others = inFile.GetValueOrDefault(group.Key, []);

            // A model may be a part of the one that was saved, with its names.
            if (own.TrueForAll(others.Contains))
            {
                own.ForEach(name => found[name] = name);
            }
            else if (own.Count == others.Count)
            {
                foreach (var (name, other) in own.Zip(others))
                {
                    found[name] = other;
                }

                said.Add($"The weights of {string.Join(", ", own.Select(n => $"'{n}'"))} are those of " +
                    $"{string.Join(", ", others.Select(n => $"'{n}'"))} in the file, by order, as the names differ in a number alone.");
            }
            else if (others.Count > 0)
            {
                throw new InvalidDataException(
                    $"'{file}': the model has {own.Count} layers called '{group.Key}' with a number, {string.Join(", ", own)}, and the " +
                    $"file {others.Count}, {string.Join(", ", others)}. Give the JSON of the model whose weights these are.");
            }
        }

        notes = said;
        return found;
    }

    private static string WithoutNumber(string name) => Number().Replace(name, "");

    [GeneratedRegex("_[0-9]+$")]
    private static partial Regex Number();
}
