using System.Text.RegularExpressions;

namespace Translation;

/// <summary>A sentence in English and in French, as words in small letters and signs.</summary>
sealed partial record Pair(string[] English, string[] French)
{
    /// <summary>The English words without signs: sentences that differ in no more are the same to learn from.</summary>
    public string Source { get; } = string.Join(' ', English.Where(word => char.IsLetterOrDigit(word[0])));

    /// <summary>Words and signs of a sentence; an apostrophe stays with what is before it, as in "j'".</summary>
    public static string[] Words(string sentence) =>
        [.. Word().Matches(sentence.ToLowerInvariant().Replace('\u2019', '\'')).Select(match => match.Value)];

    /// <summary>Reads eng-fra.txt, each line English, a tab, French, a tab and whom it is from.</summary>
    public static Pair[] Read(string folder) =>
    [
        .. File.ReadLines(Path.Combine(folder, "eng-fra.txt")).Select(line => line.Split('\t')).Where(fields => fields.Length >= 2)
            .Select(fields => new Pair(Words(fields[0]), Words(fields[1]))),
    ];

    [GeneratedRegex(@"[\p{L}\p{N}]+'?|[^\s\p{L}\p{N}]")]
    private static partial Regex Word();
}
