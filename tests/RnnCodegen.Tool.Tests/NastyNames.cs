namespace RnnCodegen.Tool.Tests;

/// <summary>Names that a file can carry and that nobody should have to fear, and random choices of them.</summary>
internal sealed class NastyNames(int seed)
{
    private const string Code = "[System.Runtime.CompilerServices.ModuleInitializer]internal static void M()=>System.Console.Beep();";

    private static readonly string[] s_all =
    [
        "", " ", "lstm", "LSTM", "Lstm", "l_stm", "encoder.lstm", "head", "HEAD", "1st", "42", "_", "__", "@class", "class", "new",
        "record", "var", "file", "nameof",
        "Run", "step", "input_size", "Vocabulary", "SelfTest", "load_embedded", "core", "GruLayer", "Math", "Vector512", "_rnnHead",
        "s_rnnDefinition", "RnnModel",
        "ToString", "get_type", "finalize", "System", "RnnCodegen", "Attribute", "Activation", "GruAttribute", "Float32",
        "a\nb", $"x\n}}internal static class Evil{{{Code}}}//", $"x\r\nclass Evil{{}}", $"x\u2028}}class Evil{{{Code}}}/*",
        "x\u2029#line 1", "x\u0085#error no", "x\f\v\tq",
        "\u001b[31mred\u001b[0m", "\u009b2J", "\a\b\u007f\0", "\u0000", "\ud83d\ude00", "é\u0301\u0327", "\u202eevil\u202c",
        "\u2066a\u2069", "a\u200bb\u200d\ufeff\u00ad", "\U000e0041",
        "\"", "'", "\\", "\"\"\"", "*/", "/*", "//", "///", "{0}", "{}", "$\"{x}\"", "]]>", "</summary>", "<!--", "&amp;", "&#10;",
        "\\u000a", "%0a", "`rm`", ";", ",",
        "../../etc/passwd", "a/b", "a\\b", "C:\\x", "con", "..", "-", "--force", "@x", "[red]", "a.b.c", ".", "a..b", "模型", "größe", "μ",
        "İ", "ﬁ", "Ⅳ", new('x', 300), new('é', 400),
    ];

    private readonly Random _random = new(seed);

    /// <summary>One of the list, or two with something between them.</summary>
    public string Next() => _random.Next(3) == 0 ? One() + (char)_random.Next(1, 0x3000) + One() : One();

    /// <summary>Names no two of which are the same, and none of which starts another and a dot.</summary>
    public string[] Distinct(int count)
    {
        var names = new List<string>();
        while (names.Count < count)
        {
            var name = Next();
            if (!names.Contains(name)
                && !names.Any(
                    n => n.StartsWith(name + ".", StringComparison.Ordinal) || name.StartsWith(n + ".", StringComparison.Ordinal)))
            {
                names.Add(name);
            }
        }

        return [.. names];
    }

    /// <summary>A name that file systems take, with an ending.</summary>
    public string File(string ending)
    {
        var name = Next().Replace("/", "").Replace("\0", "");
        return string.Concat(name[..Math.Min(name.Length, 60)].EnumerateRunes().Where(r => r.Value != 0xFFFD)) + ending;
    }

    private string One() => s_all[_random.Next(s_all.Length)];
}
