using RnnCodegen;
using Spectre.Console;

namespace TextGeneration;

/// <summary>
/// Truncated backpropagation through time: the text is cut into streams that are read side by side, 64 characters an update, and the
/// state goes on from window to window.
/// </summary>
/// <param name="Epochs">How often the text is read.</param>
/// <param name="Streams">Streams side by side.</param>
/// <param name="Rate">The largest learning rate.</param>
sealed record Training(int Epochs, int Streams, double Rate)
{
    private const int Window = 64;

    /// <summary>Settings for a text: a small one is cut into fewer streams, so that there are updates enough.</summary>
    public static Training For(Corpus corpus, bool isShort) =>
        corpus.Training.Length > 500_000 && !isShort ? new(9, 16, 3e-3) : new(isShort ? 3 : 6, 8, 3e-3);

    /// <summary>Trains a model; the validation part is only looked at.</summary>
    public TrainingResult Fit(CharacterModel model, Corpus corpus, int seed)
    {
        var training = TrainingStreams.NextToken(corpus.Training, Streams);
        var validation = TrainingStreams.NextToken(corpus.Validation, Streams);
        var updates = (int)Math.Ceiling(training.MaxSteps / (double)Window);
        var trainer = new Trainer<CharacterModel>(model, Loss.CrossEntropy, new AdamW(Rate))
        {
            Truncation = new Truncation(Window),
            BatchSize = Streams,
            ClipNorm = 1,
            Seed = seed,
            Schedule = new OneCycleSchedule(Epochs * updates, rise: 0.1),
            Callbacks = [TrainingCallback.AtEpoch(_ => Show(model, seed))],
        };
        return TrainingConsole.Run(progress => trainer.Fit(training, validation, Epochs, progress));
    }

    // What it writes by now.
    private static void Show(CharacterModel model, int seed) => AnsiConsole.WriteLine(
        "    " + string.Concat(Writing.Continue(model, "", 90, new TokenSampler(seed) { Temperature = 0.7 })).ReplaceLineEndings(" / "));
}
