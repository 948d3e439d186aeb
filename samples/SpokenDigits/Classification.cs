using RnnCodegen;

namespace SpokenDigits;

/// <summary>Which digit a clip is.</summary>
static class Classification
{
    /// <summary>Trains a classifier and tests it.</summary>
    /// <param name="parts">Its takes.</param>
    /// <param name="seed">Of everything drawn by chance.</param>
    /// <param name="epochs">How long to train; the epoch that is best on the validation takes is kept.</param>
    /// <returns>What it made of the test takes.</returns>
    public static ConfusionMatrix Run(Parts parts, int seed, int epochs)
    {
        const int variations = 5, batch = 32;
        var random = new Random(seed);
        var training = Set(parts.Training);
        foreach (var take in Enumerable.Repeat(parts.Training, variations).SelectMany(takes => takes))
        {
            training.Add(Hearing.Rows(Variations.Of(take.Samples, random)), take.Digit);
        }

        var accuracy = new Accuracy();
        var model = new DigitClassifier(seed);
        var trainer = new Trainer<DigitClassifier>(model, new CrossEntropyLoss { LabelSmoothing = 0.1f }, new AdamW(3e-3))
        {
            BatchSize = batch, BucketBatches = 8, ClipNorm = 5, Seed = seed, Metrics = [accuracy],
            Schedule = new OneCycleSchedule(epochs * ((training.Count + batch - 1) / batch)),
            EarlyStopping = new EarlyStopping { Patience = epochs },
        };
        TrainingConsole.Run(progress => trainer.Fit(training, Set(parts.Validation), epochs, progress));
        return Judge(parts.Test, model.Predict(Set(parts.Test)));
    }

    /// <summary>The test takes by what is nearest to them among those to learn from.</summary>
    public static ConfusionMatrix Nearest(Parts parts)
    {
        var known = parts.Training.Concat(parts.Validation).Select(take => (take.Digit, Rows: Hearing.Rows(take.Samples))).ToArray();
        var matrix = new ConfusionMatrix(10);
        foreach (var take in parts.Test)
        {
            var rows = Hearing.Rows(take.Samples);
            matrix.Add(take.Digit, known.MinBy(other => TimeWarp.Distance(rows, other.Rows)).Digit);
        }

        return matrix;
    }

    private static ConfusionMatrix Judge(IReadOnlyList<Take> takes, Predictions said)
    {
        var matrix = new ConfusionMatrix(10);
        for (var i = 0; i < takes.Count; i++)
        {
            matrix.Add(takes[i].Digit, said.Classes(i)[0]);
        }

        return matrix;
    }

    private static TrainingSet Set(IReadOnlyList<Take> takes)
    {
        var set = TrainingSet.OfRows(Hearing.Bands);
        foreach (var take in takes)
        {
            set.Add(Hearing.Rows(take.Samples), take.Digit);
        }

        return set;
    }
}
