using System.Reflection;
using System.Text;
using RnnCodegen.Generators.Parsing;

namespace RnnCodegen.Interchange;

/// <summary>
/// Turns other frameworks' layer names into names of a class's properties:
/// C# identifiers that differ from each other and from generated members.
/// </summary>
internal sealed class PropertyNames
{
    // Longer names are no help to a person, and .NET allows 1024 bytes, of which generated code needs some.
    private const int LongestMade = 100;

    /// <summary>The members of every class.</summary>
    private static readonly HashSet<string> s_inherited = new(
        typeof(object).GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(m => m.Name),
        StringComparer.Ordinal);

    // No two layers may differ by case only.
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes a name as it is; false where it is no identifier, or not free.</summary>
    /// <param name="name">The name.</param>
    public bool TryTake(string name) => ClassFileNames.IsIdentifier(name) && name.Length <= LongestMade && !IsReserved(name)
        && _taken.Add(name);

    /// <summary>A new name: words joined with capitals, so <c>encoder.lstm_1</c> becomes <c>EncoderLstm1</c>.</summary>
    /// <param name="text">The other framework's name.</param>
    /// <param name="kind">What is put before a name that starts with a digit or is empty, and behind one that is reserved, e.g.
    /// <c>Dense</c>.</param>
    public string Add(string text, string kind)
    {
        var name = new StringBuilder();
        var isStart = true;
        foreach (var c in text)
        {
            if (name.Length == LongestMade)
            {
                break;
            }

            if (char.IsAsciiLetterOrDigit(c))
            {
                name.Append(isStart ? char.ToUpperInvariant(c) : c);
            }

            isStart = !char.IsAsciiLetterOrDigit(c);
        }

        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            name.Insert(0, kind);
        }

        if (IsReserved(name.ToString()))
        {
            name.Append(kind);
        }

        var stem = name.ToString();
        var unique = stem;
        for (var i = 2; IsReserved(unique) || !_taken.Add(unique); i++)
        {
            unique = $"{stem}_{i}";
        }

        return unique;
    }

    private static bool IsReserved(string name) => ReservedNames.Contains(name) || s_inherited.Contains(name);
}
