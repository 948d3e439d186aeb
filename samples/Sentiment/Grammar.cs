namespace Sentiment;

/// <summary>
/// Sentences made up by rule, in which it matters what a word belongs to and which one came first: "not bad at all", "anything but dull",
/// "awful, i thought, but it was great".
/// </summary>
static class Grammar
{
    private static readonly string[] s_things =
    [
        "the food", "the service", "the screen", "the battery", "this film", "the plot", "the room", "the coffee", "that phone",
        "the music",
    ];

    private static readonly string[] s_good = ["good", "great", "excellent", "lovely", "superb", "tasty", "pleasant", "perfect"];
    private static readonly string[] s_bad = ["bad", "awful", "terrible", "dull", "poor", "disappointing", "nasty", "mediocre"];
    private static readonly string[] s_degrees = ["", "", "really ", "very ", "quite ", "just "];
    private static readonly string[] s_ends = ["", "", " for the price", " again", " this time", " as far as i can tell"];

    /// <summary>Distinct sentences, about half of them positive.</summary>
    public static Sentence[] Write(int count, int seed)
    {
        var random = new Random(seed);
        var sentences = new Dictionary<string, Sentence>();
        while (sentences.Count < count)
        {
            var isPositive = random.Next(2) == 1;
            var text = Sentence(isPositive, random);
            sentences.TryAdd(text, new(text, isPositive));
        }

        return [.. sentences.Values];
    }

    private static string Sentence(bool isPositive, Random random)
    {
        var (meant, opposite) = isPositive ? (s_good, s_bad) : (s_bad, s_good);
        var (thing, end) = (Of(s_things), Of(s_ends));
        return random.Next(6) switch
        {
            0 => $"{thing} was {Of(s_degrees)}{Of(meant)}{end}",
            1 => $"{thing} was not {Of(opposite)} at all{end}",
            2 => $"{thing} was anything but {Of(opposite)}{end}",
            3 => $"{thing} was {Of(s_degrees)}{Of(meant)} , not {Of(opposite)}{end}",
            4 => $"{Of(opposite)} , i thought , but {thing} was {Of(s_degrees)}{Of(meant)}{end}",
            _ => $"i expected {Of(opposite)} things but {thing} was not {Of(opposite)}{end}",
        };

        string Of(string[] words) => words[random.Next(words.Length)];
    }
}
