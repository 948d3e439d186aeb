namespace RnnCodegen.Aot.Tests;

/// <summary>
/// A model from a file that goes on learning on the device: its head alone, then all of it, with a stop and a checkpoint between.
/// </summary>
static class FineTuning
{
    private const string Encoder = nameof(SmallGru.Memory);
    private const int Classes = 4;
    private const int Steps = 8;
    private const int Samples = 64;
    private const int Epochs = 6;
    private const int StopAfter = 7; // updates, in the second of the epochs

    /// <summary>Prints a line a check; returns how many failed.</summary>
    /// <param name="folder">Where files may be written.</param>
    public static int Run(string folder)
    {
        var report = new Report("fine-tuning");
        var file = Path.Combine(folder, "factory.safetensors");
        var factory = new SmallGru(seed: 3);
        var (before, after) = Train(factory, Task(1, shift: 0), new AdamW(0.02), epochs: 30);
        report.Below("loss after training / before", after / before, 0.3);
        factory.Save(file);

        // Another task with the same features: the classes have other numbers.
        var task = Task(2, shift: 1);
        var model = SmallGru.Load(file);
        (before, after) = Train(model, task, new AdamW(0.02) { Groups = [new ParameterGroup(Encoder) { Frozen = true }] }, epochs: 30);
        report.Below("loss after tuning the head / before", after / before, 0.5);
        foreach (var (tuned, made) in model.Parameters.Tensors.Zip(factory.Parameters.Tensors))
        {
            if (tuned.Name.StartsWith(Encoder, StringComparison.Ordinal))
            {
                report.Equal($"{tuned.Name} stays frozen", tuned.Values, made.Values);
            }
        }

        model.Save(file);
        var whole = SmallGru.Load(file);
        var initial = CreateTrainer(whole, Path.Combine(folder, "whole.checkpoint")).Evaluate(task);
        var result = CreateTrainer(whole, Path.Combine(folder, "whole.checkpoint")).Fit(task, null, Epochs);
        report.Below("loss after tuning all / before", result.TrainingLosses[^1] / initial, 0.9);

        var path = Path.Combine(folder, "cut.checkpoint");
        using var source = new CancellationTokenSource();
        try
        {
            CreateTrainer(SmallGru.Load(file), path).Fit(task, null, Epochs, new StopAt(StopAfter, source), source.Token);
        }
        catch (OperationCanceledException)
        {
        }

        report.Equal<long>("updates when stopped", [TrainingCheckpoint.Read(path).Update], [StopAfter]);
        var resumed = SmallGru.Load(file);
        CreateTrainer(resumed, path).Resume(path, task, null, Epochs);
        report.Equal("all weights, resumed and not", resumed.Parameters.Values, whole.Parameters.Values);
        return report.Failures;
    }

    private static (double Before, double After) Train(SmallGru model, TrainingSet task, Optimizer optimizer, int epochs)
    {
        var trainer = new Trainer<SmallGru>(model, LastStep(), optimizer) { BatchSize = 16, Seed = 1 };
        var before = trainer.Evaluate(task);
        trainer.Fit(task, null, epochs);
        return (before, trainer.Evaluate(task));
    }

    private static Trainer<SmallGru> CreateTrainer(SmallGru model, string checkpoint) => new(model, LastStep(), new AdamW(0.01))
    {
        BatchSize = 16, Seed = 2, ClipNorm = 1, Checkpoint = new CheckpointOptions(checkpoint) { EveryEpochs = 0 },
    };

    private static CrossEntropyLoss LastStep() => new() { Window = LossWindow.Last() };

    /// <summary>Noise in which one of the first features is raised; which one says the class.</summary>
    private static TrainingSet Task(int seed, int shift)
    {
        var random = new Random(seed);
        var set = TrainingSet.OfRows(SmallGru.InputSize);
        for (var sample = 0; sample < Samples; sample++)
        {
            var raised = random.Next(Classes);
            var rows = new float[Steps * SmallGru.InputSize];
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = random.NextSingle() - 0.5f + (i % SmallGru.InputSize == raised ? 0.5f : 0);
            }

            var classes = new int[Steps];
            Array.Fill(classes, (raised + shift) % Classes);
            set.Add(rows, classes);
        }

        return set;
    }

    private sealed class StopAt(int update, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Update == update)
            {
                source.Cancel();
            }
        }
    }
}
