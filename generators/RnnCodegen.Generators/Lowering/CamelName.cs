namespace RnnCodegen.Generators.Lowering;

/// <summary>Names of equations as names of C#: gamma_xi is gammaXi.</summary>
internal static class CamelName
{
    public static string Of(string name)
    {
        var words = name.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(Capitalised));
    }

    /// <summary>The same, with a capital in front.</summary>
    public static string Capital(string name) => string.Concat(name.Split('_').Select(Capitalised));

    private static string Capitalised(string word) => char.ToUpperInvariant(word[0]) + word.Substring(1);
}
