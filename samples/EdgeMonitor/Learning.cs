using RnnCodegen;

namespace EdgeMonitor;

/// <summary>The trainings: of a new model in the workshop, and of the head at the site.</summary>
static class Learning
{
    private const int Window = 200;

    /// <summary>Learns pumps of several kinds, on a machine with time.</summary>
    public static PumpMonitor InWorkshop()
    {
        var model = new PumpMonitor(seed: 1);
        var set = TrainingSet.OfRows(Pump.Sensors);
        for (var seed = 1; seed <= 8; seed++)
        {
            AddWindows(set, (Pump.Workshop with { Cycle = 42 + 2 * seed }).Measure(3000, seed));
        }

        var trainer = new Trainer<PumpMonitor>(model, NextReading(), new AdamW(3e-3))
        {
            BatchSize = 8, ClipNorm = 1, Seed = 1, Schedule = new CosineSchedule(60 * 15),
        };
        trainer.Fit(set, null, epochs: 60);
        return model;
    }

    /// <summary>Tunes the head to readings of one healthy pump; returns the loss before and after.</summary>
    public static (double Before, double After) OfHead(PumpMonitor model, float[] readings, int epochs)
    {
        var set = TrainingSet.OfRows(Pump.Sensors);
        AddWindows(set, readings);
        var optimizer = new AdamW(5e-3) { Groups = [new ParameterGroup(nameof(PumpMonitor.Habits)) { Frozen = true }] };
        var trainer = new Trainer<PumpMonitor>(model, NextReading(), optimizer) { BatchSize = 4, ClipNorm = 1, Seed = 2 };
        var before = trainer.Evaluate(set);
        trainer.Fit(set, null, epochs);
        return (before, trainer.Evaluate(set));
    }

    // The state warms up before errors count.
    private static MeanSquaredErrorLoss NextReading() => new() { Window = LossWindow.After(20) };

    // Every window beside itself a step later; the set keeps the series' memory and copies nothing.
    private static void AddWindows(TrainingSet set, float[] readings)
    {
        const int size = Window * Pump.Sensors;
        for (var start = 0; start + size + Pump.Sensors <= readings.Length; start += size)
        {
            set.Add(readings.AsMemory(start, size), readings.AsMemory(start + Pump.Sensors, size));
        }
    }
}
