namespace Translation;

/// <summary>
/// Whole numbers below a million in English and in French, which counts past sixty by scores: ninety seven is quatre vingt dix sept. A
/// language pair that needs no data.
/// </summary>
static class Numbers
{
    private static readonly string[] s_english =
    [
        "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] s_englishTens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    private static readonly string[] s_french =
    [
        "", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze",
        "quinze", "seize", "dix sept", "dix huit", "dix neuf",
    ];

    private static readonly string[] s_frenchTens =
        ["", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre vingt", "quatre vingt"];

    /// <summary>Distinct numbers drawn at random.</summary>
    public static Pair[] Pairs(int count, int seed)
    {
        var random = new Random(seed);
        var numbers = new HashSet<int>();
        while (numbers.Count < count)
        {
            numbers.Add(random.Next(1, 1_000_000));
        }

        return [.. numbers.Select(number => new Pair(Pair.Words(English(number)), Pair.Words(French(number))))];
    }

    /// <summary>A number from 1 to 999,999 in English.</summary>
    public static string English(int number) => number switch
    {
        < 20 => s_english[number],
        < 100 => $"{s_englishTens[number / 10]} {s_english[number % 10]}".Trim(),
        < 1000 => Join($"{s_english[number / 100]} hundred", number % 100 is var rest and > 0 ? $"and {English(rest)}" : ""),
        _ => Join($"{English(number / 1000)} thousand", (number % 1000) switch
        {
            0 => "",
            < 100 and var rest => $"and {English(rest)}",
            var rest => English(rest),
        }),
    };

    /// <summary>A number from 1 to 999,999 in French.</summary>
    public static string French(int number) => number switch
    {
        < 20 => s_french[number],
        71 => "soixante et onze",
        < 70 when number % 10 == 1 => $"{s_frenchTens[number / 10]} et un",
        80 => "quatre vingts",
        < 100 => Join(s_frenchTens[number / 10], s_french[(number % 10) + (number / 10 is 7 or 9 ? 10 : 0)]),
        < 200 => Join("cent", number % 100 > 0 ? French(number % 100) : ""),
        < 1000 when number % 100 == 0 => $"{s_french[number / 100]} cents",
        < 1000 => $"{s_french[number / 100]} cent {French(number % 100)}",
        < 2000 => Join("mille", number % 1000 > 0 ? French(number % 1000) : ""),
        _ => Join($"{Counted(number / 1000)} mille", number % 1000 > 0 ? French(number % 1000) : ""),
    };

    // Before "mille" vingts and cents lose their s.
    private static string Counted(int thousands) => French(thousands) is var text && text.EndsWith('s') && thousands % 100 is 0 or 80
        ? text[..^1]
        : French(thousands);

    private static string Join(string first, string second) => second.Length == 0 ? first : $"{first} {second}";
}
