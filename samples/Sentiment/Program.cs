using System.CommandLine;
using Samples;
using Sentiment;
using Spectre.Console;

// Does the order of words tell more of a sentence's sentiment than the words alone? A bidirectional GRU and a logistic regression over bags
// of words learn the same sentences and are tested on the same others. What ships is made up by a grammar full of negations.
var sentence = new Option<string>("--sentence")
{
    Description = "Read word by word after training.", DefaultValueFactory = _ => "the food was not bad at all",
};
return new SampleCommand(
        "Sentiment", "Tells sentences that praise from those that complain, by a GRU and by a bag of words.",
        "sentiment-dev: 2,000 sentences of reviews (Kotzias et al., 2015: UCI's Sentiment Labelled Sentences, Amazon and Yelp).")
    .Add(sentence)
    .Run(args, run =>
    {
        var sentences = run.DataFolder is null ? Grammar.Write(run.IsShort ? 500 : 1500, run.Seed) : Sentence.Read(run.DataFolder);
        var repeats = run.IsShort || run.DataFolder is null ? 1 : 3;
        var folds = Enumerable.Range(run.Seed, repeats).SelectMany(seed => Fold.Of(sentences, seed)).ToArray();
        var results = Display.Run(folds, epochs: run.IsShort ? 6 : 40);

        Display.Mistakes(results[0].Test);
        var words = new Sentence(run.Value(sentence)!, IsPositive: true).Words;
        var probabilities = results[0].WordByWord(words);
        Display.WordByWord(words, probabilities);
        Display.SaveWordByWord(run.File("words.png"), words, probabilities);
        AnsiConsole.WriteLine($"picture: {run.File("words.png")}");

        var tests = results.Select(result => Judged.Accuracy(result.Test)).ToArray();
        var validations = results.Select(result => Judged.Accuracy(result.Validation)).ToArray();
        AnsiConsole.WriteLine(
            $"on the validation sentences: GRU {validations.Average(v => v.Gru):P1}, bag of words {validations.Average(v => v.Bag):P1}");
        var (gru, difference) = (tests.Average(test => test.Gru), PairedDifference.Of([.. tests.Select(test => test.Gru - test.Bag)]));
        var isPublic = run.DataFolder is not null;
        run.Score(
            $"accuracy, mean of {folds.Length} folds", $"GRU: {gru:P1}", $"bag of words: {tests.Average(test => test.Bag):P1}",
            isPublic ? ">= 75 % (published: 75 to 80 %)" : null, isPublic && !run.IsShort ? gru >= 0.75 : null);
        run.Score(
            "GRU less bag of words, points",
            $"{100 * difference.Mean:+0.0;-0.0} \u00b1 {100 * difference.Error:F1} (from {100 * tests.Min(t => t.Gru - t.Bag):+0.0;-0.0} "
            + $"to {100 * tests.Max(t => t.Gru - t.Bag):+0.0;-0.0})",
            bar: isPublic ? null : "the GRU better in each fold", met: isPublic ? null : tests.All(test => test.Gru > test.Bag));
    });
