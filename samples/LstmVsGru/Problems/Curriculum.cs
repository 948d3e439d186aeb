using Samples;
using Sentiment;

namespace LstmVsGru;

/// <summary>The problems of the quick study and of the full one.</summary>
internal static class Curriculum
{
    /// <summary>Problems that are learned in seconds.</summary>
    public static IReadOnlyList<Problem> Quick(string? dataFolder) =>
    [
        new Adding(steps: 30, sequences: 3000) { Epochs = 6 },
        new Recall(lag: 3, sequences: 2000) { Epochs = 20 },
        new Counting(sequences: 1000, longest: 100) { Epochs = 10 },
        new NoisyStates(sequences: 500) { Epochs = 5 },
        new Weather { Epochs = 6 },
        .. Texts(dataFolder, characters: 150_000, epochs: 2, sentimentEpochs: 8),
    ];

    /// <summary>Problems of growing size, each with enough training to tell who can learn it.</summary>
    public static IReadOnlyList<Problem> Full(string? dataFolder) =>
    [
        .. new[] { 50, 100, 200, 400 }.Select(steps => new Adding(steps, sequences: 5000) { Epochs = 12 }),
        .. new[] { 5, 10, 20, 40 }.Select(lag => new Recall(lag, sequences: 5000) { Epochs = 20 }),
        new Counting(sequences: 2000, longest: 300) { Epochs = 30 },
        new NoisyStates(sequences: 2000) { Epochs = 20, Patience = 5 },
        new Weather { Epochs = 40, Patience = 10 },
        .. Texts(dataFolder, characters: 400_000, epochs: 3, sentimentEpochs: 30),
    ];

    private static IEnumerable<Problem> Texts(string? dataFolder, int characters, int epochs, int sentimentEpochs)
    {
        var (sentences, text, name, book) = dataFolder is null
            ? (Grammar.Write(1000, seed: 1), File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", "alice.txt")),
                "made-up sentences", "Alice in Wonderland")
            : (Sentence.Read(SampleData.Folder(Path.Combine(dataFolder, "sentiment-dev"))),
                File.ReadAllText(Path.Combine(SampleData.Folder(Path.Combine(dataFolder, "tinyshakespeare")), "input.txt")),
                "sentiment-dev", "tinyshakespeare");
        yield return new SentenceSentiment(sentences, name) { Epochs = sentimentEpochs, Patience = 6 };
        yield return new Characters(text[..Math.Min(characters, text.Length)], book)
        {
            Epochs = epochs, BatchSize = 16,
        };
    }
}
