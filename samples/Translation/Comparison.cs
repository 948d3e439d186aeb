using RnnCodegen;
using Spectre.Console;

namespace Translation;

/// <summary>The same model with and without attention, learned from the same pairs with the same seed.</summary>
sealed class Comparison
{
    private readonly Dictionary<string, string[]> _attending, _plain;

    /// <summary>Trains both.</summary>
    public Comparison(Division division, int epochs, int seed)
    {
        AnsiConsole.WriteLine($"seed {seed}, without attention");
        var plain = new Translator<Speaker>(division, new Speaker(seed), seed);
        plain.Fit(division, epochs, 3e-3, seed);
        AnsiConsole.WriteLine($"seed {seed}, with attention");
        Attending = new(division, new AttendingSpeaker(seed), seed);
        Attending.Fit(division, epochs, 3e-3, seed);
        var sources = division.Validation.Concat(division.Test).DistinctBy(pair => pair.Source).ToArray();
        _plain = sources.ToDictionary(pair => pair.Source, pair => plain.Translate(pair.English));
        _attending = sources.ToDictionary(pair => pair.Source, pair => Attending.Translate(pair.English));
    }

    /// <summary>The model with attention.</summary>
    public Translator<AttendingSpeaker> Attending { get; }

    /// <summary>What both make of an English sentence of the validation or test pairs.</summary>
    public (string[] Attending, string[] Plain) Translations(Pair pair) => (_attending[pair.Source], _plain[pair.Source]);

    /// <summary>BLEU-4 of both.</summary>
    public (double Attending, double Plain) Bleu(Pair[] pairs) =>
        (Measured(pairs, pair => _attending[pair.Source]), Measured(pairs, pair => _plain[pair.Source]));

    /// <summary>BLEU-4 of translations: each English sentence once, with all its French ones as references.</summary>
    public static double Measured(Pair[] pairs, Func<Pair, string[]> translate)
    {
        var sentences = pairs.GroupBy(pair => pair.Source).ToArray();
        return Translation.Bleu.OfCorpus(
            [.. sentences.Select(group => translate(group.First()))],
            [.. sentences.Select(group => group.Select(pair => pair.French).ToArray())]);
    }
}
