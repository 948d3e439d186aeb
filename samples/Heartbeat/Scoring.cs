using System.Diagnostics;
using RnnCodegen;

namespace Heartbeat;

/// <summary>How well beats were found.</summary>
/// <param name="Matrix">What was said (columns) of the beats of each kind (rows); row and column 0: no beat, not found.</param>
/// <param name="Nanoseconds">Time for a sample.</param>
/// <param name="Allocated">Bytes allocated by all samples.</param>
sealed record Scoring(ConfusionMatrix Matrix, double Nanoseconds, long Allocated)
{
    // The standard for such programs, EC57, allows 150 ms.
    private const int Tolerance = Recording.Rate * 150 / 1000;

    /// <summary>Streams recordings through monitors, a new one each.</summary>
    public static Scoring Of(Func<IMonitor> create, IEnumerable<Recording> recordings)
    {
        var matrix = new ConfusionMatrix(HeartNet.OutputSize);
        var (ticks, samples, allocated) = (0L, 0L, 0L);
        foreach (var recording in recordings)
        {
            var monitor = create();
            var found = new List<Beat>(4 * recording.Beats.Count);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var begin = Stopwatch.GetTimestamp();
            foreach (var sample in recording.Samples)
            {
                if (monitor.Next(sample, out var beat))
                {
                    found.Add(beat);
                }
            }

            (ticks, samples) = (ticks + Stopwatch.GetTimestamp() - begin, samples + recording.Samples.Length);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            (monitor as IDisposable)?.Dispose();
            Match(recording.Beats, found, matrix);
        }

        return new(matrix, Stopwatch.GetElapsedTime(0, ticks).TotalNanoseconds / samples, allocated);
    }

    /// <summary>The mean of the kinds' F1.</summary>
    public double MeanF1 => Enum.GetValues<BeatKind>().Average(kind => Matrix.F1((int)kind));

    /// <summary>F1 of a kind, as text.</summary>
    public string F1(BeatKind kind) => FormattableString.Invariant($"{Matrix.F1((int)kind):F3}");

    /// <summary>Beats of a kind in the recordings.</summary>
    public long Count(BeatKind kind) => Enumerable.Range(0, Matrix.Classes).Sum(said => Matrix[(int)kind, said]);

    // Both lists are in the order of time; each beat takes the first that was found near it.
    private static void Match(IReadOnlyList<Beat> beats, List<Beat> found, ConfusionMatrix matrix)
    {
        var next = 0;
        foreach (var beat in beats)
        {
            for (; next < found.Count && found[next].Sample < beat.Sample - Tolerance; next++)
            {
                matrix.Add(0, (int)found[next].Kind);
            }

            var isFound = next < found.Count && found[next].Sample <= beat.Sample + Tolerance;
            matrix.Add((int)beat.Kind, isFound ? (int)found[next++].Kind : 0);
        }

        for (; next < found.Count; next++)
        {
            matrix.Add(0, (int)found[next].Kind);
        }
    }
}
