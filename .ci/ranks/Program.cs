using RnnCodegen;

// A native program that uses an MPI: a sweep of four trainings, shared by the ranks, and its results joined.
//   mpirun -n 2 Ranks study.jsonl
using var world = Mpi.TryStart(out _);
var sweep = new Sweep<double>([3e-3, 1e-2], [1, 2], Train);
var done = sweep.Run(args[0], SweepWorker.OnRank(world)).Count;
world.AllReduceSum(new float[1]);                                               // all ranks' results are there
Console.WriteLine($"rank {world.Rank} of {world.Size}: {done} of {sweep.Count} trainings");
return done == sweep.Count / world.Size && (world.Rank > 0 || Sweep.Merge(args[0]).All(result => result.Error is null)) ? 0 : 1;

static IReadOnlyList<MetricValue> Train(double rate, int seed)
{
    var random = new Random(seed);
    var set = TrainingSet.OfRows(1);
    for (var n = 0; n < 64; n++)
    {
        float[] rows = [.. Enumerable.Range(0, 8).Select(_ => random.NextSingle())];
        set.Add(rows, new[] { rows.Sum() });
    }

    var trainer = new Trainer<Adder>(new Adder(seed), Loss.MeanSquaredError, new AdamW(rate)) { Seed = seed };
    return [new("loss", trainer.Fit(set, set, epochs: 5).ValidationLosses[^1])];
}

/// <summary>Adds up a sequence.</summary>
[RnnModel(InputSize = 1)]
public partial class Adder
{
    [Gru(16, ReturnSequences = false)] public partial GruLayer Memory { get; }
    [Dense(1)]                         public partial DenseLayer Head { get; }
}
