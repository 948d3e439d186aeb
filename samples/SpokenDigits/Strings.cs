using RnnCodegen;

namespace SpokenDigits;

/// <summary>Several digits in a row, without saying where each begins: what CTC is for.</summary>
static class Strings
{
    private const int Blank = 0;

    /// <summary>Trains a reader of strings and tests it.</summary>
    /// <param name="parts">The takes that strings are made of.</param>
    /// <param name="seed">Of everything drawn by chance.</param>
    /// <param name="epochs">How long to train.</param>
    /// <param name="count">Strings to learn from.</param>
    /// <returns>Edits per digit of the test strings: of the likeliest path, and of the likeliest digits by a beam.</returns>
    public static (double Greedy, double Beam) Run(Parts parts, int seed, int epochs, int count)
    {
        const int batch = 8;
        var training = Make(parts.Training, count, new Random(seed), isVaried: true);
        var validation = Make(parts.Validation, 100, new Random(seed + 1), isVaried: false);
        var test = Make(parts.Test, 300, new Random(seed + 2), isVaried: false);
        var errors = new CharacterErrorRate { Blank = Blank };
        var model = new DigitReader(seed);
        var trainer = new Trainer<DigitReader>(model, Loss.Ctc, new AdamW(4e-3))
        {
            BatchSize = batch, BucketBatches = 8, ClipNorm = 5, Seed = seed, Metrics = [errors],
            Schedule = new OneCycleSchedule(epochs * ((count + batch - 1) / batch)),
            EarlyStopping = new EarlyStopping { Patience = epochs },
        };
        TrainingConsole.Run(progress => trainer.Fit(training.Set, validation.Set, epochs, progress));

        var greedy = new CtcGreedyDecoder(DigitReader.OutputSize, Blank) { Output = OutputTransform.LogSoftmax };
        var beam = new CtcBeamSearch(DigitReader.OutputSize, Blank) { Output = OutputTransform.LogSoftmax, Width = 16 };
        var said = model.Predict(test.Set);
        return (Rate(i => greedy.Decode(said[i].Span).Tokens), Rate(i => beam.Search(said[i].Span)[0].Tokens));

        double Rate(Func<int, IReadOnlyList<int>> read)
        {
            var rate = new CharacterErrorRate();
            for (var i = 0; i < test.Labels.Count; i++)
            {
                rate.Add([.. read(i)], test.Labels[i]);
            }

            return rate.Value;
        }
    }

    // Three to six takes of one speaker, at levels and after pauses of any length, the pauses with as much noise as a quiet room has.
    private static (TrainingSet Set, List<int[]> Labels) Make(IReadOnlyList<Take> takes, int count, Random random, bool isVaried)
    {
        var speakers = takes.GroupBy(take => take.Speaker).Select(group => group.ToArray()).ToArray();
        var set = TrainingSet.OfRows(Hearing.Bands);
        var all = new List<int[]>();
        for (var i = 0; i < count; i++)
        {
            var own = speakers[random.Next(speakers.Length)];
            var labels = new int[random.Next(3, 7)];
            var sound = new List<float>();
            for (var k = 0; k < labels.Length; k++)
            {
                var take = own[random.Next(own.Length)];
                labels[k] = take.Digit + 1;
                sound.AddRange(new float[random.Next(Hearing.Rate / 20, Hearing.Rate * 3 / 10)]);
                var level = (float)(0.1 * Variations.Between(random, 0.6, 1.6) / Hearing.Root(take.Samples));
                sound.AddRange((isVaried ? Variations.Of(take.Samples, random) : take.Samples).Select(sample => level * sample));
            }

            sound.AddRange(new float[random.Next(Hearing.Rate / 20, Hearing.Rate * 3 / 10)]);
            var samples = sound.ToArray();
            Variations.AddNoise(samples, (float)Variations.Between(random, 0.0005, 0.004), random);
            set.AddLabels(Hearing.Rows(samples), labels);
            all.Add(labels);
        }

        return (set, all);
    }
}
