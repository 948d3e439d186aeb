using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// Spells the using directives of a file of code, of the types that it names and no others. They stand inside its namespace, where they
/// come before whatever a project imports, renames or declares elsewhere.
/// </summary>
internal static class UsingText
{
    public static IEnumerable<string> Of(string code)
    {
        if (Names(code, "Vector512") || Names(code, "Vector256") || Names(code, "Vector128"))
        {
            yield return $"using global::{RuntimeTypes.Vectors};";
        }

        foreach (var (name, fullName) in RuntimeTypes.Aliases)
        {
            if (Names(code, name))
            {
                yield return $"using {EmissionText.TypeIdentifier(name)} = global::{fullName};";
            }
        }
    }

    /// <summary>Whether a word stands in the code by itself, not as a member of something.</summary>
    private static bool Names(string code, string name)
    {
        for (var at = code.IndexOf(name, StringComparison.Ordinal); at >= 0; at = code.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            var (before, after) = (at == 0 ? ' ' : code[at - 1], at + name.Length == code.Length ? ' ' : code[at + name.Length]);
            if (!IsPart(before) && before != '.' && !IsPart(after))
            {
                return true;
            }
        }

        return false;

        static bool IsPart(char c) => c == '_' || char.IsLetterOrDigit(c);
    }
}
