using Translation;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The parts of samples/Translation, and a training of seconds.</summary>
public sealed class TranslationTests
{
    [Theory]
    [InlineData(1, "one", "un")]
    [InlineData(71, "seventy one", "soixante et onze")]
    [InlineData(80, "eighty", "quatre vingts")]
    [InlineData(81, "eighty one", "quatre vingt un")]
    [InlineData(91, "ninety one", "quatre vingt onze")]
    [InlineData(200, "two hundred", "deux cents")]
    [InlineData(1001, "one thousand and one", "mille un")]
    [InlineData(3180, "three thousand one hundred and eighty", "trois mille cent quatre vingts")]
    [InlineData(80_000, "eighty thousand", "quatre vingt mille")]
    [InlineData(300_021, "three hundred thousand and twenty one", "trois cent mille vingt et un")]
    [InlineData(
        497_999, "four hundred and ninety seven thousand nine hundred and ninety nine",
        "quatre cent quatre vingt dix sept mille neuf cent quatre vingt dix neuf")]
    public void Numbers_are_those_of_both_languages(int number, string english, string french)
    {
        Assert.Equal(english, Numbers.English(number));
        Assert.Equal(french, Numbers.French(number));
    }

    [Fact]
    public void Words_keep_their_apostrophe_and_signs_are_words() =>
        Assert.Equal(["j'", "ai", "faim", ",", "l'", "ami", "!"], Pair.Words("J\u2019ai faim, l'ami\u202f!"));

    [Fact]
    public void No_English_sentence_is_in_two_parts()
    {
        Pair[] pairs = [.. Enumerable.Range(0, 90).Select(n => new Pair([$"w{n / 3}", n % 2 == 0 ? "." : "!"], [$"m{n}"]))];
        var division = Division.Of(pairs, seed: 1);
        Pair[][] parts = [division.Training, division.Validation, division.Test];
        Assert.Equal([72, 9, 9], parts.Select(part => part.Length));
        Assert.Equal(30, parts.Sum(part => part.Select(pair => pair.Source).Distinct().Count()));
    }

    [Fact]
    public void Bleu_is_that_of_its_definition()
    {
        // 7 words of which 2 "the" count, as in Papineni et al.; nothing of two words is right, so the mean is 0.
        Assert.Equal(0, Of("the the the the the the the", "the cat is on the mat"));
        Assert.Equal(1, Of("the cat is on the mat", "a dog", "the cat is on the mat"), 12);

        // 4 of 5 words, 3 of 4 pairs, 2 of 3 triples, 1 of 2 fours; the closest reference has 6 words.
        Assert.Equal(
            Math.Exp(1 - (6 / 5.0)) * Math.Pow(4 / 5.0 * 3 / 4 * 2 / 3 * 1 / 2, 0.25),
            Of("the cat is on mats", "the cat is on the mat"), 12);

        // Counts add up over the corpus before they are divided.
        string[][] candidates = [[.. "a b c d".Split(' ')], [.. "e f g h x".Split(' ')]];
        IReadOnlyList<string[]>[] references = [["a b c d".Split(' ')], ["e f g h i".Split(' ')]];
        Assert.Equal(Math.Pow(8 / 9.0 * 6 / 7 * 4 / 5 * 2 / 3, 0.25), Bleu.OfCorpus(candidates, references), 12);

        static double Of(string candidate, params string[] references) =>
            Bleu.OfCorpus([candidate.Split(' ')], [[.. references.Select(one => one.Split(' '))]]);
    }

    [Fact]
    public void The_nearest_sentence_differs_in_the_fewest_words_and_of_equals_it_is_the_first()
    {
        var memory = new NearestSentence(
            [new(["you", "were", "cold"], ["a"]), new(["i", "am", "old"], ["b"]), new(["i", "was", "cold"], ["c"])]);
        Assert.Equal(["b"], memory.Translate(["i", "am", "cold"]));
        Assert.Equal(["c"], memory.Translate(["yes", ",", "i", "was", "cold"]));
    }

    [Fact]
    public void A_short_training_learns_sentences_by_heart_and_attention_adds_up_to_one()
    {
        Pair[] pairs = [.. Enumerable.Range(70, 30).Select(n => new Pair(Pair.Words(Numbers.English(n)), Pair.Words(Numbers.French(n))))];
        var division = new Division([.. Enumerable.Repeat(pairs, 10).SelectMany(those => those)], pairs, pairs);
        var translator = new Translator<AttendingSpeaker>(division, new AttendingSpeaker(seed: 1), seed: 1);
        translator.Fit(division, epochs: 15, rate: 4e-3, seed: 1);
        var bleu = Comparison.Measured(pairs, pair => translator.Translate(pair.English));
        Assert.True(bleu > 0.8, $"BLEU-4 {bleu}");

        var weights = translator.Attention(pairs[5].English, pairs[5].French);
        Assert.Equal((pairs[5].French.Length + 1, pairs[5].English.Length), (weights.GetLength(0), weights.GetLength(1)));
        Assert.All(
            Enumerable.Range(0, weights.GetLength(0)),
            row => Assert.Equal(1, Enumerable.Range(0, weights.GetLength(1)).Sum(column => weights[row, column]), 5));
    }
}
