using System.Globalization;

namespace RnnCodegen.Ranks.Tests;

/// <summary>How a task is trained: alone or with others.</summary>
/// <param name="World">The other ranks; null alone.</param>
/// <param name="Repeatable">Whether sums have a fixed order.</param>
/// <param name="Threads">Threads of the model.</param>
internal sealed record Way(IProcessGroup? World = null, bool Repeatable = false, int Threads = 1);

/// <summary>What a training came to, comparable by value.</summary>
/// <param name="Losses">Training losses, validation losses and metrics.</param>
/// <param name="Bits">The parameters' bits.</param>
internal sealed record Outcome(double[] Losses, int[] Bits)
{
    public static Outcome Of(TrainingResult result, ParameterSet parameters) => new(
        [.. result.TrainingLosses, .. result.ValidationLosses, .. result.Metrics.Select(m => m.Value)],
        [.. parameters.Values.ToArray().Select(BitConverter.SingleToInt32Bits)]);

    public override string ToString() =>
        string.Join(' ', Losses.Select(l => l.ToString("R", CultureInfo.InvariantCulture))) + "|" + string.Join(' ', Bits);

    public static Outcome Parse(string text)
    {
        var halves = text.Split('|');
        return new(
            [.. halves[0].Split(' ').Select(l => double.Parse(l, CultureInfo.InvariantCulture))],
            [.. halves[1].Split(' ').Select(b => int.Parse(b, CultureInfo.InvariantCulture))]);
    }
}

/// <summary>Small trainings of every kind that ranks must do as one process does.</summary>
internal static class RankTask
{
    public const int Batch = 40;

    /// <summary>The trainings, by name. Batches of those that are even can be divided by threads as by ranks.</summary>
    public static readonly IReadOnlyDictionary<string, (bool IsEven, Func<Way, Outcome> Train)> All =
        new Dictionary<string, (bool, Func<Way, Outcome>)>(StringComparer.Ordinal)
        {
            ["mse"] = (true,
                way => Fit(new Regressor(seed: 3), Loss.MeanSquaredError, Rows(80, 50, 50, 1), Rows(40, 50, 50, 2), way,
                    [new MeanAbsoluteError()])),
            ["lengths"] = (true, way => Fit(
                new Regressor(seed: 3), Loss.Huber, Rows(80, 30, 64, 3, weighted: true), Rows(40, 40, 64, 4), way,
                [new RootMeanSquaredError()], clip: 0.01f)),
            ["classes"] = (true, way => Fit(
                new Classifier(seed: 5), new CrossEntropyLoss { ClassWeights = [0.3f, 1, 2.7f, 0.9f, 1.1f], IgnoreIndex = -1 },
                Classes(80, 40, 60, 5), Classes(40, 50, 50, 6), way,
                [new Accuracy { IgnoreIndex = -1 }, new MacroF1(5) { IgnoreIndex = -1 }])),
            ["sum"] = (true, way => Fit(
                new Classifier(seed: 5), new CrossEntropyLoss { Reduction = Reduction.Sum }, Classes(80, 50, 50, 7, ignored: false),
                Classes(40, 50, 50, 8, ignored: false), way, [new Perplexity()], rate: 1e-4)),
            ["ctc"] = (true, way => Fit(
                new Classifier(seed: 7), Loss.Ctc, Labels(80, 45, 55, 9), Labels(40, 50, 50, 10), way,
                [new CharacterErrorRate { Blank = 0 }])),
            ["accumulation"] = (true, way => Fit(
                new Classifier(seed: 9), new CrossEntropyLoss { IgnoreIndex = -1 }, Classes(200, 35, 60, 11), null, way, [], batches: 2)),
            ["truncation"] = (true, way => Fit(
                new Regressor(seed: 11), Loss.MeanSquaredError, Rows(80, 70, 100, 12), Rows(40, 60, 90, 13), way, [new MeanAbsoluteError()],
                truncation: new(20, 40))),
            ["windows"] = (true, way => Fit(
                new Regressor(seed: 11), Loss.MeanAbsoluteError, Rows(40, 120, 120, 12), null, way, [], truncation: new(30), batches: 3)),

            // Last batches, batches of fewer samples than ranks, samples of weight 0, and layers whose gradients are sums over samples.
            ["uneven"] = (false,
                way => Fit(new Regressor(seed: 13), Loss.MeanSquaredError, Rows(13, 1, 9, 14, weighted: true), Rows(7, 1, 9, 15), way,
                    [new MeanAbsoluteError()], size: 5, bucket: 2)),
            ["few"] = (false,
                way => Fit(new Classifier(seed: 15), new CrossEntropyLoss { IgnoreIndex = -1 }, Classes(5, 1, 9, 16), Classes(3, 1, 9, 17),
                    way, [new Accuracy { IgnoreIndex = -1 }], size: 2, batches: 2)),
            ["streams"] = (false,
                way => Fit(new Regressor(seed: 17), Loss.MeanSquaredError, Rows(3, 8, 40, 18), null, way, [], size: 3,
                    truncation: new(4, 9))),
            ["pair"] = (false, way => FitPair(new Speaker(seed: 24), way, Pairs(29, 25), Pairs(11, 26), size: 8)),
            ["attending pair, accumulated"] = (false,
                way => FitPair(new AttendingSpeaker(seed: 24), way, Pairs(21, 27), Pairs(3, 28), size: 5, batches: 2)),
            ["tokens"] = (false,
                way => Fit(new Speller(seed: 19), Loss.CrossEntropy, Tokens(21, 20), Tokens(9, 21), way, [new Perplexity()], size: 8)),
        };

    /// <summary>One training.</summary>
    public static Outcome Fit<TModel>(
        TModel model, Loss loss, TrainingSet training, TrainingSet? validation, Way way, Metric[] metrics, int size = Batch,
        int batches = 1, int bucket = 1,
        float clip = float.PositiveInfinity, Truncation? truncation = null, double rate = 1e-2, int epochs = 2)
        where TModel : class, IRnnModel<TModel>
    {
        model.Core.MaxThreads = way.Threads;
        var trainer = new Trainer<TModel>(model, loss, new AdamW(rate))
        {
            BatchSize = size, BatchesPerUpdate = batches, BucketBatches = bucket, Truncation = truncation, ClipNorm = clip, Seed = 21,
            Metrics = metrics,
            World = way.World, Repeatable = way.Repeatable,
        };
        return Outcome.Of(trainer.Fit(training, validation, epochs), model.Core.Parameters);
    }

    /// <summary>One training of an encoder and a decoder.</summary>
    private static Outcome FitPair<TDecoder>(TDecoder decoder, Way way, TrainingSet training, TrainingSet validation, int size,
        int batches = 1)
        where TDecoder : class, IRnnModel<TDecoder>
    {
        var models = new EncoderDecoder<Reader, TDecoder>(new Reader(seed: 23), decoder, startToken: 11, endToken: 10);
        models.Encoder.MaxThreads = models.Decoder.Core.MaxThreads = way.Threads;
        var trainer = new SequenceToSequenceTrainer<Reader, TDecoder>(models, new AdamW(1e-2), new AdamW(2e-2))
        {
            BatchSize = size, BatchesPerUpdate = batches, ClipNorm = 1, ClipValue = 0.2f, Seed = 29, World = way.World,
            Repeatable = way.Repeatable,
            Metrics = [new ExactMatch(), new Perplexity(), new CharacterErrorRate()], ValidateEvery = 2, MaxLength = 12,
            EarlyStopping = new EarlyStopping { Patience = 50 },
        };
        var result = trainer.Fit(training, validation, epochs: 3);
        var (first, second) = (Outcome.Of(result, models.Encoder.Parameters), Outcome.Of(result, decoder.Core.Parameters));
        return new(first.Losses, [.. first.Bits, .. second.Bits]);
    }

    /// <summary>Sequences of tokens, and the same backwards.</summary>
    public static TrainingSet Pairs(int samples, int seed)
    {
        var random = new Random(seed);
        var set = TrainingSet.OfTokens();
        for (var n = 0; n < samples; n++)
        {
            int[] source = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(10))];
            set.AddLabels(source, source.Reverse().ToArray(), 1 + (n % 3 * 0.5f));
        }

        return set;
    }

    public static TrainingSet Rows(int samples, int least, int most, int seed, bool weighted = false)
    {
        var random = new Random(seed);
        var set = TrainingSet.OfRows(6);
        for (var n = 0; n < samples; n++)
        {
            var steps = random.Next(least, most + 1);
            var x = Floats(random, steps * 6);
            var y = new float[steps * 3];
            for (var i = 0; i < y.Length; i++)
            {
                y[i] = x[i / 3 * 6] - (0.5f * x[(i / 3 * 6) + 1 + (i % 3)]);
            }

            set.Add(x, y, weighted ? n % 4 * 0.37f : 1);
        }

        return set;
    }

    public static TrainingSet Classes(int samples, int least, int most, int seed, bool ignored = true)
    {
        var random = new Random(seed);
        var set = TrainingSet.OfRows(6);
        for (var n = 0; n < samples; n++)
        {
            var steps = random.Next(least, most + 1);
            set.Add(Floats(random, steps * 6), Enumerable.Range(0, steps).Select(_ => random.Next(ignored ? -1 : 0, 5)).ToArray());
        }

        return set;
    }

    private static TrainingSet Labels(int samples, int least, int most, int seed)
    {
        var random = new Random(seed);
        var set = TrainingSet.OfRows(6);
        for (var n = 0; n < samples; n++)
        {
            set.AddLabels(Floats(random, random.Next(least, most + 1) * 6),
                Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(1, 5)).ToArray());
        }

        return set;
    }

    private static TrainingSet Tokens(int samples, int seed)
    {
        var random = new Random(seed);
        var set = TrainingSet.OfTokens();
        for (var n = 0; n < samples; n++)
        {
            int[] tokens = [.. Enumerable.Range(0, random.Next(2, 14)).Select(_ => random.Next(11))];
            set.Add(tokens, tokens.Select(t => (t * 3) % 11).ToArray());
        }

        return set;
    }

    private static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
}
