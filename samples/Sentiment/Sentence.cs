using System.Text.RegularExpressions;

namespace Sentiment;

/// <summary>A sentence and whether it praises.</summary>
sealed partial record Sentence(string Text, bool IsPositive)
{
    /// <summary>Its words in small letters; exclamation and question marks count as words.</summary>
    public string[] Words { get; } = [.. Word().Matches(Text.ToLowerInvariant()).Select(match => match.Value)];

    /// <summary>
    /// Reads files named *_labelled.txt, each line a sentence, a tab and 0 or 1. A sentence that occurs more than once is kept once, so
    /// that none is both learned and tested with.
    /// </summary>
    /// <exception cref="FileNotFoundException">The folder has no such file.</exception>
    public static Sentence[] Read(string folder)
    {
        var lines = Directory.GetFiles(folder, "*_labelled.txt").Order(StringComparer.Ordinal).SelectMany(File.ReadLines);
        Sentence[] sentences =
        [
            .. lines.Select(line => line.Split('\t')).Where(fields => fields.Length == 2)
                .Select(fields => new Sentence(fields[0].Trim(), fields[1].Trim() == "1"))
                .DistinctBy(sentence => string.Join(' ', sentence.Words)),
        ];
        return sentences.Length > 0 ? sentences : throw new FileNotFoundException($"'{folder}' has no file *_labelled.txt.");
    }

    [GeneratedRegex("[a-z0-9']+|[!?]")]
    private static partial Regex Word();
}
