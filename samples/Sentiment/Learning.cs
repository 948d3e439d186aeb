using RnnCodegen;

namespace Sentiment;

/// <summary>Fits both models; everything that is chosen, epochs and weight decay, is chosen by the validation sentences.</summary>
static class Learning
{
    /// <summary>The GRU, at its best epoch.</summary>
    public static GruReader Gru(Fold fold, int epochs, IProgress<TrainingProgress>? progress)
    {
        var dropout = new WordDropout(0.1, fold.Seed);
        var training = fold.Words.Sequences(fold.Training, dropout);
        dropout.Redraw();
        var model = new GruReader(fold.Seed);
        var trainer = new Trainer<GruReader>(model, Loss.BinaryCrossEntropy, new AdamW(2e-3, weightDecay: 0.1))
        {
            BatchSize = 32, ClipNorm = 1, Seed = fold.Seed,
            EarlyStopping = new EarlyStopping { Patience = 5 },
            Callbacks = [TrainingCallback.AtEpoch(_ => dropout.Redraw())],
        };
        trainer.Fit(training, fold.Words.Sequences(fold.Validation), epochs, progress);
        return model;
    }

    /// <summary>The logistic regression, at its best weight decay and epoch.</summary>
    public static BagOfWords Bag(Fold fold, int epochs)
    {
        var (training, validation) = (fold.Words.Bags(fold.Training), fold.Words.Bags(fold.Validation));
        return new[] { 0.03, 0.1, 0.3, 1 }.Select(decay =>
        {
            var model = new BagOfWords(fold.Seed);
            var trainer = new Trainer<BagOfWords>(model, Loss.BinaryCrossEntropy, new AdamW(1e-2, weightDecay: decay))
            {
                BatchSize = 32, Seed = fold.Seed, EarlyStopping = new EarlyStopping { Patience = 5 },
            };
            return (Model: model, Loss: trainer.Fit(training, validation, epochs).ValidationLoss);
        }).MinBy(fitted => fitted.Loss).Model;
    }
}
