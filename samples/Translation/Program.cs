using Samples;
using Spectre.Console;
using Translation;

// An encoder reads English and a decoder says French, once with attention to what was read and once without. What ships is a language of
// numbers, made up at run time.
const int Seeds = 3;
return new SampleCommand(
        "Translation", "Translates English to French by an encoder and a decoder, with and without attention.",
        "translation-eng-fra: 5,000 short pairs of Tatoeba (CC BY 2.0 FR), from https://github.com/NJUxlj/seq2seq-attention-translation.")
    .Run(args, run =>
    {
        var pairs = run.DataFolder is null ? Numbers.Pairs(run.IsShort ? 400 : 2000, run.Seed) : Pair.Read(run.DataFolder);
        var division = Division.Of(pairs, run.Seed);
        AnsiConsole.WriteLine(
            $"{division.Training.Length} pairs to learn, {division.Validation.Length} to choose by, {division.Test.Length} to test with");
        var seeds = Enumerable.Range(run.Seed, run.IsShort || run.DataFolder is null ? 1 : Seeds).ToArray();
        var epochs = run.IsShort ? 3 : run.DataFolder is null ? 12 : 16;
        var comparisons = seeds.Select(seed => new Comparison(division, epochs, seed)).ToArray();

        var first = comparisons[0];
        Display.Examples(
            division.Test.DistinctBy(pair => pair.Source).Take(8).Select(pair =>
                (pair.English, pair.French, first.Translations(pair).Attending, first.Translations(pair).Plain)));
        var shown = division.Test.MaxBy(pair => pair.English.Length)!;
        var said = first.Translations(shown).Attending;
        Display.SaveAttention(run.File("attention.png"), first.Attending.Attention(shown.English, said), shown.English, said);
        AnsiConsole.WriteLine($"picture: {run.File("attention.png")}");

        var memory = new NearestSentence(division.Training);
        var validation = comparisons.Select(comparison => comparison.Bleu(division.Validation)).ToArray();
        var test = comparisons.Select(comparison => comparison.Bleu(division.Test)).ToArray();
        AnsiConsole.WriteLine(
            $"BLEU-4 of the validation pairs: {validation.Average(v => v.Attending):F3} with attention, "
            + $"{validation.Average(v => v.Plain):F3} without");
        var isPublic = run.DataFolder is not null;
        run.Score(
            seeds.Length == 1 ? "BLEU-4 with attention" : $"BLEU-4 with attention, mean of {seeds.Length} seeds",
            $"{test.Average(t => t.Attending):F3}{Each(test.Select(t => $"{t.Attending:F3}"))}",
            $"nearest known sentence: {Comparison.Measured(division.Test, pair => memory.Translate(pair.English)):F3}",
            isPublic ? ">= 0.30" : null, isPublic && !run.IsShort ? test.Average(t => t.Attending) >= 0.30 : null);
        run.Score(
            "BLEU-4 gained by attention",
            $"{test.Average(t => t.Attending - t.Plain):+0.000;-0.000}{Each(test.Select(t => $"{t.Attending - t.Plain:+0.000;-0.000}"))}",
            $"without attention: {test.Average(t => t.Plain):F3}", seeds.Length == 1 ? "> 0" : "> 0 for each seed",
            run.IsShort ? null : test.All(t => t.Attending > t.Plain));
    });

static string Each(IEnumerable<string> values) => values.Count() == 1 ? "" : $" ({string.Join(", ", values)})";
