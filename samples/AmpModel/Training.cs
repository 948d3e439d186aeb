using RnnCodegen;

namespace AmpModel;

/// <summary>
/// Training by truncated backpropagation: the recording is cut into streams that run side by side, their state carried on.
/// </summary>
static class Training
{
    private const int Streams = 32, Window = 256;

    /// <summary>Trains a model; the epoch that is best on the validation recording is kept.</summary>
    public static void Run(Amplifier model, Pair training, Pair validation, int epochs, int seed)
    {
        var set = Set(training, Streams);
        var updates = (set.MaxSteps + Window - 1) / Window;
        var trainer = new Trainer<Amplifier>(model, new SignalError(), new Adam(8e-3))
        {
            BatchSize = Streams, Truncation = new Truncation(Window), ClipNorm = 1, Seed = seed,
            Schedule = new CosineSchedule(epochs * updates).WithWarmUp(updates),
            EarlyStopping = new EarlyStopping { Patience = epochs },
        };
        TrainingConsole.Run(progress => trainer.Fit(set, Set(validation, 8), epochs, progress));
    }

    private static TrainingSet Set(Pair pair, int streams) => TrainingStreams.Rows(pair.Dry, 1, pair.Wet, 1, streams);
}
