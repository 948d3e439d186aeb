using System.Diagnostics;
using System.Globalization;

namespace RnnCodegen.Ranks.Tests;

[RnnModel(InputSize = 64)]
internal partial class Lstm128
{
    [Lstm(128)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 128)]
internal partial class Lstm256
{
    [Lstm(256)] public partial LstmLayer Cell { get; }
}

/// <summary>The figures of docs/benchmarks.md: what a combination costs, and what ranks gain.</summary>
internal static class Measure
{
    private const int UpdatesPerEpoch = 10;

    public static void Run(MpiWorld world, string sizes, int updates)
    {
        Say(world, $"{world.Library}, {world.Size} ranks");
        Say(world, "| floats | allreduce, ms | repeatable, ms |");
        Say(world, "|---|---|---|");
        foreach (var size in sizes.Split(',').Select(s => int.Parse(s, CultureInfo.InvariantCulture)))
        {
            Combination(world, size);
        }

        Say(world, $"| LSTM, T = 50, a batch of 64 | parameters | one rank, ms an update | {world.Size} ranks | gain | of it combining |");
        Say(world, "|---|---|---|---|---|---|");
        Training(world, new Lstm128(seed: 1), 64, 128, updates);
        Training(world, new Lstm256(seed: 1), 128, 256, updates);
    }

    private static void Combination(MpiWorld world, int size)
    {
        var gradients = new ParameterSet([new ParameterInfo("g", ParameterRole.DenseBias, 0, size, 0, 1)]);
        var sums = new ParameterSet([new ParameterInfo("g", ParameterRole.DenseBias, 0, size, 0, 1)]);
        var (fast, ordered) = (new GradientExchange(world, size, inOrder: false), new GradientExchange(world, size, inOrder: true));
        var rounds = Math.Clamp(20_000_000 / size, 20, 2000);
        var fastTime = Best(world, rounds, () => fast.Combine([gradients], 1, 1, false));
        var orderedTime = Best(world, rounds, () => ordered.SumInOrder([gradients], [sums], false));
        Say(world, FormattableString.Invariant($"| {size} | {fastTime:F3} | {orderedTime:F3} |"));
    }

    private static void Training<TModel>(MpiWorld world, TModel model, int inputs, int outputs, int updates)
        where TModel : class, IRnnModel<TModel>
    {
        var random = new Random(1);
        var set = TrainingSet.OfRows(inputs);
        for (var n = 0; n < 64 * UpdatesPerEpoch; n++)
        {
            float[] x = [.. Enumerable.Range(0, 50 * inputs).Select(_ => random.NextSingle() - 0.5f)];
            set.Add(x, new float[50 * outputs]);
        }

        // The others wait, each on its core, while rank 0 trains alone.
        var alone = world.Rank == 0 ? Updates(model, set, null, updates).Time : 0;
        world.FromRank0(0);
        var (together, combining) = Updates(model, set, new TimedGroup(world), updates);
        Say(world, string.Create(
            CultureInfo.InvariantCulture,
            $"| {inputs}, {outputs} | {model.Core.Parameters.Count} | {alone:F2} | {together:F2} | {alone / together:F2}x " +
            $"| {combining / together:P0} |"));
    }

    /// <summary>
    /// Milliseconds of an update, and of its calls of the group, in the best stretch of five updates: others may use the machine, too.
    /// </summary>
    private static (double Time, double Combining) Updates<TModel>(TModel model, TrainingSet set, TimedGroup? group, int updates)
        where TModel : class, IRnnModel<TModel>
    {
        const int Stretch = 5;
        var clock = Stopwatch.StartNew();
        var marks = new List<(double Time, double Calls)>();
        var trainer = new Trainer<TModel>(model, Loss.MeanSquaredError, new AdamW(1e-4)) { World = group, BatchSize = 64 };
        trainer.Fit(set, null, updates / UpdatesPerEpoch,
            new Marks(() => marks.Add((clock.Elapsed.TotalMilliseconds, group?.Elapsed.TotalMilliseconds ?? 0))));
        return marks.Count <= Stretch ? default : Enumerable.Range(0, marks.Count - Stretch)
            .Select(i => ((marks[i + Stretch].Time - marks[i].Time) / Stretch, (marks[i + Stretch].Calls - marks[i].Calls) / Stretch))
            .Min();
    }

    /// <summary>The least mean time of a call over several rounds, in milliseconds.</summary>
    private static double Best(MpiWorld world, int rounds, Action call)
    {
        var best = double.PositiveInfinity;
        for (var trial = 0; trial < 5; trial++)
        {
            world.FromRank0(0);
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < rounds; i++)
            {
                call();
            }

            best = Math.Min(best, clock.Elapsed.TotalMilliseconds / rounds);
        }

        return best;
    }

    private static void Say(MpiWorld world, string text)
    {
        if (world.Rank == 0)
        {
            Console.WriteLine(text);
        }
    }

    /// <summary>Notes each update.</summary>
    private sealed class Marks(Action note) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => note();
    }

    /// <summary>A group that measures how long its calls take, waiting for the slowest rank included.</summary>
    private sealed class TimedGroup(IProcessGroup group) : IProcessGroup
    {
        private readonly Stopwatch _clock = new();

        public TimeSpan Elapsed => _clock.Elapsed;

        public int Rank => group.Rank;

        public int Size => group.Size;

        public void Broadcast(Span<byte> data) => group.Broadcast(data);

        public void AllReduceSum(Span<float> values)
        {
            _clock.Start();
            group.AllReduceSum(values);
            _clock.Stop();
        }

        public void AllGather(ReadOnlySpan<byte> mine, Span<byte> all) => group.AllGather(mine, all);

        public void AllToAll(ReadOnlySpan<float> mine, Span<float> received) => group.AllToAll(mine, received);

        public void Abort(string reason) => group.Abort(reason);
    }
}
