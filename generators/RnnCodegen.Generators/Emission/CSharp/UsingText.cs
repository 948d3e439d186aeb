using System.Runtime.CompilerServices;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// Spells the using directives of a file of code, of the types that it names and no others. They stand inside its namespace, where they
/// come before whatever a project imports, renames or declares elsewhere.
/// </summary>
internal static class UsingText
{
    private static readonly string[] s_vectors = ["Vector128", "Vector256", "Vector512"];

    private static readonly Dictionary<int, string[]> s_names = RuntimeTypes.Names
        .GroupBy(HashOf).ToDictionary(g => g.Key, g => g.ToArray());

    /// <param name="code">The code.</param>
    /// <param name="kernels">The class of the methods that models share; null where the code calls none.</param>
    public static IEnumerable<string> Of(TextBuffer code, string? kernels = null)
    {
        var named = NamesIn(code.Characters);
        if (s_vectors.Any(named.Contains))
        {
            yield return $"using global::{RuntimeTypes.Vectors};";
        }

        foreach (var (name, fullName) in RuntimeTypes.Aliases.Where(a => named.Contains(a.Name)))
        {
            yield return $"using {EmissionText.TypeIdentifier(name)} = global::{fullName};";
        }

        if (kernels is not null && named.Contains(RuntimeTypes.Kernels))
        {
            yield return $"using {RuntimeTypes.Kernels} = global::{EmissionText.CodeNamespace}.{kernels};";
        }
    }

    /// <summary>The names that stand in the code as words by themselves, not as members of something: one pass over its words.</summary>
    [MethodImpl(MethodOptions.AggressiveOptimization)]
    private static HashSet<string> NamesIn(ReadOnlySpan<char> code)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var at = 0;
        while (at < code.Length)
        {
            if (!IsPart(code[at]))
            {
                at++;
                continue;
            }

            var (start, hash) = (at, 0);
            for (; at < code.Length && IsPart(code[at]); at++)
            {
                hash = Add(hash, code[at]);
            }

            if ((start == 0 || code[start - 1] != '.') && s_names.TryGetValue(hash, out var names))
            {
                foreach (var name in names)
                {
                    if (name.AsSpan().SequenceEqual(code.Slice(start, at - start)))
                    {
                        found.Add(name);
                    }
                }
            }
        }

        return found;
    }

    private static int HashOf(string name) => name.Aggregate(0, Add);

    private static int Add(int hash, char c) => unchecked((hash * 31) + c);

    private static bool IsPart(char c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' or '_'
        || (c > '\x7f' && char.IsLetterOrDigit(c));
}
