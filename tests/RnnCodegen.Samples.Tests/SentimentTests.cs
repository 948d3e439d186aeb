using Sentiment;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The parts of samples/Sentiment, and a fold of seconds.</summary>
public sealed class SentimentTests
{
    [Fact]
    public void Words_are_in_small_letters_and_marks_count() =>
        Assert.Equal(["don't", "you", "like", "it", "?", "!"], new Sentence("Don't you, like it?!", IsPositive: true).Words);

    [Fact]
    public void A_fold_tests_with_no_sentence_that_it_learns_and_all_are_tested_with_once()
    {
        var sentences = Grammar.Write(101, seed: 1);
        var folds = Fold.Of(sentences, seed: 1).ToArray();
        Assert.Equal(sentences.ToHashSet(), folds.SelectMany(fold => fold.Test).ToHashSet());
        Assert.Equal(101, folds.Sum(fold => fold.Test.Length));
        foreach (var fold in folds)
        {
            Assert.Equal(sentences.Length, fold.Training.Union(fold.Validation).Union(fold.Test).Count());
            Assert.Equal(sentences.Length, fold.Training.Length + fold.Validation.Length + fold.Test.Length);
        }
    }

    [Fact]
    public void Words_of_test_sentences_alone_are_unknown()
    {
        var words = new WordList([new("good good", IsPositive: true), new("bad bad once", IsPositive: false)]);
        Assert.Equal(
            [1, 2, WordList.Unknown, WordList.Unknown], words.Encode(["bad", "good", "once", "never"]).Order(Comparer<int>.Create(ById)));
        static int ById(int a, int b) => (a == 0 ? 9 : a).CompareTo(b == 0 ? 9 : b);
    }

    [Fact]
    public void Differences_have_their_corrected_error()
    {
        var difference = PairedDifference.Of([0.01, 0.03, 0.02]);
        Assert.Equal(0.02, difference.Mean, 12);
        Assert.Equal(0.01, difference.Deviation, 12);
        Assert.Equal(0.01 * Math.Sqrt((1.0 / 3) + 0.25), difference.Error, 12);
    }

    [Fact]
    public void Where_order_matters_a_short_training_of_the_GRU_beats_the_bag_of_words()
    {
        var result = FoldResult.Of(Fold.Of(Grammar.Write(600, seed: 1), seed: 1).First(), epochs: 40);
        var (gru, bag) = Judged.Accuracy(result.Test);
        Assert.True(gru > 0.85 && gru > bag + 0.1, $"GRU {gru:P1}, bag of words {bag:P1}");
        var probabilities = result.WordByWord(["the", "food", "was", "not", "bad", "at", "all"]);
        Assert.Equal(7, probabilities.Length);
        Assert.True(probabilities[^1] > 0.5, $"not bad at all: {probabilities[^1]}");
    }
}
