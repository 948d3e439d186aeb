using System.Diagnostics;
using System.Globalization;

namespace RnnCodegen.Ranks.Tests;

/// <summary>What tests start under mpirun: <c>dotnet RnnCodegen.Mpi.Tests.dll COMMAND ...</c>.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        using var world = Mpi.TryStart(out var reason);
        switch (args)
        {
            case ["train", var file]:
                return Train(world, file);
            case ["die", var how, var checkpoint]:
                Die(world, how, checkpoint);
                return 0;
            case ["measure", var sizes, var updates]:
                Measure.Run(world, sizes, int.Parse(updates, CultureInfo.InvariantCulture));
                return 0;
            default:
                Console.WriteLine($"rank {world.Rank} of {world.Size}; {world.Library}; {reason}");
                return 0;
        }
    }

    /// <summary>
    /// Writes what every training comes to, in both modes, as rank 0 sees it; fails where another rank has other parameters.
    /// </summary>
    private static int Train(MpiWorld world, string file)
    {
        var lines = new List<string> { $"{world.Library}; {world.Family}" };
        foreach (var (name, (_, train)) in RankTask.All)
        {
            foreach (var repeatable in new[] { false, true })
            {
                var outcome = train(new Way(world, repeatable));
                var hash = outcome.Bits.Aggregate(17, (h, bits) => unchecked((h * 31) + bits));
                if (hash != world.FromRank0(hash))
                {
                    Console.Error.WriteLine($"{name}: rank {world.Rank} has other parameters than rank 0");
                    return 3;
                }

                lines.Add($"{name}/{(repeatable ? "repeatable" : "fast")}/{outcome}");
            }
        }

        if (world.Rank == 0)
        {
            File.WriteAllLines(file, lines);
        }

        return 0;
    }

    /// <summary>Trains without end; rank 1 dies once there is a checkpoint.</summary>
    private static void Die(MpiWorld world, string how, string checkpoint)
    {
        if (world.Rank == 1)
        {
            new Thread(() =>
            {
                while (!File.Exists(checkpoint))
                {
                    Thread.Sleep(20);
                }

                Thread.Sleep(300);
                switch (how)
                {
                    case "kill":
                        Process.GetCurrentProcess().Kill();
                        break;
                    case "throw":
                        throw new InvalidOperationException("thrown on purpose");
                    default:
                        Environment.Exit(0);
                        break;
                }
            }) { IsBackground = true }.Start();
        }

        DyingTask.Create(world, checkpoint).Fit(DyingTask.Data, null, 1_000_000);
    }
}
