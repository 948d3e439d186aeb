#pragma warning disable RS0030 // The process is killed at a random moment.
using System.Diagnostics;
using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>A process that writes a checkpoint at each update, killed at random moments.</summary>
public sealed class KilledTraining
{
    internal const string Command = "train-until-killed";
    private const int Kills = 32;

    // As many more until one meets a save.
    private const int MostKills = 320;

    [Fact]
    public void Whenever_it_is_killed_a_whole_checkpoint_is_left_that_training_goes_on_from()
    {
        using var folder = new TempFolder();
        var path = folder.File("checkpoint");
        var random = new Random(11);
        var (update, unfinished) = (0L, 0);
        for (var kill = 0; kill < Kills || (unfinished == 0 && kill < MostKills); kill++)
        {
            using var process = Start(path);
            Assert.Equal("saved", process.StandardOutput.ReadLine());
            Thread.Sleep(TimeSpan.FromMilliseconds(random.NextDouble() * 20));
            process.Kill();
            process.WaitForExit();

            // Reading checks the sum over all of the file; each process has gone on from what the one before left.
            var checkpoint = TrainingCheckpoint.Read(path);
            Assert.True(checkpoint.Update > update, $"update {checkpoint.Update} after {update}");
            update = checkpoint.Update;
            unfinished += Directory.GetFiles(folder.Path).Length - 1;
        }

        // Otherwise no kill met a save, and the test would show nothing.
        Assert.True(unfinished > 0, "No process was killed while it wrote.");
    }

    /// <summary>Trains for ever, from the checkpoint where there is one.</summary>
    internal static void Run(string path)
    {
        var set = StreamData.Set(1, 3, 3, 3, 3);
        var trainer = new Trainer<LeakyModel>(new LeakyModel(unused: 100_000), Loss.MeanSquaredError, new AdamW(1e-3))
        {
            BatchSize = 1, Checkpoint = new CheckpointOptions(path) { EveryUpdates = 1 },
        };
        var said = false;
        var progress = new Reports(_ =>
        {
            if (!said)
            {
                Console.WriteLine("saved");
                said = true;
            }
        });
        if (File.Exists(path))
        {
            trainer.Resume(path, set, null, int.MaxValue, progress);
        }
        else
        {
            trainer.Fit(set, null, int.MaxValue, progress);
        }
    }

    private static Process Start(string path)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { "exec", typeof(KilledTraining).Assembly.Location, Command, path })
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
