namespace RnnCodegen.Interchange;

/// <summary>
/// An order of computation that the user, or the file's own metadata, says: names of modules, or of what several modules are parts of.
/// </summary>
internal sealed class SaidOrder
{
    private const string Root = ".";

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    /// <param name="file">Name of the file in messages.</param>
    /// <param name="state">The modules.</param>
    /// <param name="names">The names in order.</param>
    /// <exception cref="InvalidDataException">A name is unknown, doubled or missing; the message says which.</exception>
    public SaidOrder(string file, StateDict state, IReadOnlyList<string> names)
    {
        var known = string.Join(", ", state.Modules.Select(m => $"'{Shown(m.Prefix)}'"));
        for (var k = 0; k < names.Count; k++)
        {
            var name = names[k];
            if (names.Take(k).Contains(name, StringComparer.Ordinal))
            {
                throw new InvalidDataException($"'{file}': the order names '{name}' twice.");
            }

            if (!state.Modules.Exists(m => IsOf(m, name)))
            {
                throw new InvalidDataException($"'{file}': the order names '{name}', which is no module with weights; there are {known}.");
            }
        }

        foreach (var module in state.Modules)
        {
            // The name that says most of it.
            var own = names.Where(n => IsOf(module, n)).MaxBy(n => n.Length) ?? throw new InvalidDataException(
                $"'{file}': the order does not name '{Shown(module.Prefix)}'; say all of {known}, in the order of computation.");
            _places.Add(module.Prefix, names.ToList().IndexOf(own));
        }

        if (Enumerable.Range(0, names.Count).FirstOrDefault(k => !_places.ContainsValue(k), -1) is >= 0 and var empty)
        {
            throw new InvalidDataException($"'{file}': the order names '{names[empty]}' and each module in it; say one or the other.");
        }
    }

    /// <summary>The order that a file's metadata says; null where that says none, or names other modules than the file has.</summary>
    public static SaidOrder? OfMetadata(string file, StateDict state, string? text) =>
        text?.Split(',') is { } names
            && names.Order(StringComparer.Ordinal).SequenceEqual(state.Modules.Select(m => m.Prefix).Order(StringComparer.Ordinal))
            ? new SaidOrder(file, state, names) { Source = "the file's metadata says" }
            : null;

    /// <summary>Who says it.</summary>
    public string Source { get; private init; } = "is said";

    /// <summary>Whether it names each module by itself.</summary>
    public bool IsWhole => _places.Values.Distinct().Count() == _places.Count;

    /// <summary>The place of a module's name.</summary>
    public int PlaceOf(string prefix) => _places[prefix];

    /// <summary>A module's name for a message and for the option; a module without one has a dot.</summary>
    public static string Shown(string prefix) => prefix.Length == 0 ? Root : prefix;

    private static bool IsOf(StateDictModule module, string name) =>
        name == Shown(module.Prefix) || name == module.Path || IsInside(module.Prefix, name) || IsInside(module.Path, name);

    private static bool IsInside(string path, string name) => name.Length > 0 && path.StartsWith(name + ".", StringComparison.Ordinal);
}
