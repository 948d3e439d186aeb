using RnnCodegen;

namespace Heartbeat;

/// <summary>Training on windows of ten seconds.</summary>
static class Learning
{
    private const int Window = 10 * Recording.Rate;

    // Seconds in which the state warms up before errors count, and the moments around a beat's at which it may be said, in steps.
    private const int WarmUp = 2, Near = 2;

    /// <summary>Trains a model; the epoch that is best on the validation recordings is kept.</summary>
    public static void Run(
        HeartNet model, IEnumerable<Recording> training, IEnumerable<Recording> validation, int epochs, double rate, int seed)
    {
        const int batch = 4;
        var set = Windows(training);
        var loss = new CrossEntropyLoss
        {
            ClassWeights = [0.5f, 1, 4, 4], Window = LossWindow.After(WarmUp * Recording.Rate / HeartNet.Stride),
        };
        var trainer = new Trainer<HeartNet>(model, loss, new AdamW(rate))
        {
            BatchSize = batch, ClipNorm = 2, Seed = seed, Metrics = [new MacroF1(HeartNet.OutputSize)],
            Schedule = new CosineSchedule(epochs * ((set.Count + batch - 1) / batch)).WithWarmUp(20),
            EarlyStopping = new EarlyStopping { Patience = epochs },
        };
        TrainingConsole.Run(progress => trainer.Fit(set, Windows(validation), epochs, progress));
    }

    private static TrainingSet Windows(IEnumerable<Recording> recordings)
    {
        var set = TrainingSet.OfRows(1);
        foreach (var recording in recordings)
        {
            var leveler = new Leveler();
            var rows = Array.ConvertAll(recording.Samples, leveler.Next);
            var classes = new int[rows.Length / HeartNet.Stride];
            foreach (var beat in recording.Beats)
            {
                var step = (beat.Sample + HeartNet.Delay) / HeartNet.Stride;
                for (var near = Math.Max(0, step - Near); near <= Math.Min(step + Near, classes.Length - 1); near++)
                {
                    classes[near] = (int)beat.Kind;
                }
            }

            for (var start = 0; start + Window <= rows.Length; start += Window - (WarmUp * Recording.Rate))
            {
                set.Add(rows.AsMemory(start, Window), classes.AsMemory(start / HeartNet.Stride, Window / HeartNet.Stride));
            }
        }

        return set;
    }
}
