using System.Globalization;
using System.Runtime.CompilerServices;

namespace RnnCodegen.Generators.Planning;

/// <summary>The names by which a project's models are told apart: of their files, and of the classes that hold their code.</summary>
internal static class ModelNames
{
    private const int MaxLength = 120;

    /// <summary>
    /// The class of a model's code: <c>Ns_Outer_ModelCode</c>. Different models have different ones: a dot becomes <c>_</c>, which no digit
    /// follows, and a <c>_</c> becomes <c>_0</c>.
    /// </summary>
    /// <param name="fullName">The model's full name, with dots.</param>
    public static string CodeClass(string fullName)
    {
        var flat = fullName.Replace("_", "_0").Replace('.', '_');
        return (flat.Length <= MaxLength ? flat : $"{flat.Substring(0, MaxLength)}__h{Hash(fullName)}") + "Code";
    }

    /// <summary>
    /// The class of the methods that models share: one an assembly, so that assemblies that see each other's internals have different ones.
    /// </summary>
    /// <param name="assembly">The assembly's name.</param>
    /// <param name="target">The machine that the methods are for.</param>
    public static string KernelClass(string assembly, Machine target)
    {
        var flat = assembly.Replace("_", "_0").Replace('.', '_');
        var isName = flat.Length <= MaxLength && flat.All(c => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' or '_');
        return $"{target.Name}Kernels_{(isName ? flat : $"_h{Hash(assembly)}")}";
    }

    /// <summary>
    /// Starts the names of a model's files: its full name, or, where that is longer than file systems like, its start and a number made of
    /// the whole.
    /// </summary>
    /// <param name="fullName">The model's full name.</param>
    /// <param name="metadataName">The name that no other type has.</param>
    /// <param name="isAmbiguous">Whether another class has the full name too,
    /// but for case, which the compiler takes for the same file.</param>
    public static string File(string fullName, string metadataName, bool isAmbiguous) =>
        isAmbiguous || fullName.Length > MaxLength
            ? $"{fullName.Substring(0, Math.Min(fullName.Length, MaxLength))}-{Hash(metadataName)}"
            : fullName;

    /// <summary>The full names that several classes have, but for case.</summary>
    /// <param name="names">Full names and metadata names.</param>
    public static IEnumerable<string> Ambiguous(IEnumerable<(string FullName, string MetadataName)> names) => names.Distinct()
        .GroupBy(n => n.FullName, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).Select(g => g.Key)
        .OrderBy(n => n, StringComparer.OrdinalIgnoreCase);

    /// <summary>A number made of a text, equal on every machine: 64 bits of FNV-1a.</summary>
    [MethodImpl(MethodOptions.AggressiveOptimization)]
    public static string Hash(string text)
    {
        unchecked
        {
            var hash = 14695981039346656037UL;
            foreach (var c in text)
            {
                hash = (hash ^ c) * 1099511628211UL;
            }

            return hash.ToString("x16", CultureInfo.InvariantCulture);
        }
    }
}
