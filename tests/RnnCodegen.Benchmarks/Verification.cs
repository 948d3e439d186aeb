using RnnCodegen.Benchmarks.Engines;

namespace RnnCodegen.Benchmarks;

/// <summary>All engines must compute the same before any of them is timed.</summary>
internal static class Verification
{
    /// <summary>The largest difference allowed: absolute for outputs, relative to the largest value of the tensor for gradients.</summary>
    public const double Tolerance = 1e-4;

    private static readonly string[] GradientNames = ["dW", "dU", "db (input)", "db (hidden)", "dx"];

    /// <summary>Compares every engine with ours in each case of a family, and returns the largest difference seen.</summary>
    /// <exception cref="InvalidOperationException">An engine differs by more than <see cref="Tolerance"/>.</exception>
    public static double Compare(Family family)
    {
        var largest = 0.0;
        foreach (var rows in Row.Of(family).GroupBy(r => r.Workload))
        {
            foreach (var engine in Peers(rows.Key, rows.Select(r => r.Engine)))
            {
                largest = Math.Max(largest, Compare(rows.Key, engine));
            }
        }

        return largest;
    }

    /// <summary>The engines to compare ours with; where none can train, the output at least is compared with the one that can only run.</summary>
    private static IEnumerable<(Engine Engine, Workload Workload)> Peers(Workload workload, IEnumerable<Engine> engines)
    {
        var peers = engines.Where(e => e != Engine.Own).Select(e => (e, workload)).ToList();
        var inference = workload with { Family = Family.Batch };
        return peers.Count > 0 ? peers : [(Engine.All.First(e => e != Engine.Own && e.Supports(inference)), inference)];
    }

    private static double Compare(Workload workload, (Engine Engine, Workload Workload) peer)
    {
        var data = new LayerData(workload, LayerModels.Create(workload));
        using var own = Engine.Own.Open(workload, data);
        using var other = peer.Engine.Open(peer.Workload, data);
        var largest = 0.0;

        // Steps carry a state, so several of them; elsewhere the second call shows that nothing is left of the first.
        for (var call = 0; call < (workload.Family == Family.Step ? 30 : 2); call++)
        {
            own.Invoke();
            other.Invoke();
            Check("output", own.Output(), other.Output(), 1);
        }

        foreach (var (name, mine, theirs) in GradientNames.Zip(own.Gradients(), other.Gradients()))
        {
            Check(name, mine, theirs, theirs.Max(MathF.Abs));
        }

        return largest;

        void Check(string what, float[] mine, float[] theirs, double scale)
        {
            if (mine.Length != theirs.Length)
            {
                throw new InvalidOperationException(
                    $"{workload.Size}, {workload.Family}: {what} has {mine.Length} values here and {theirs.Length} from {peer.Engine.Name}.");
            }

            for (var k = 0; k < mine.Length; k++)
            {
                var difference = Math.Abs(mine[k] - theirs[k]) / scale;
                if (!(difference <= Tolerance))
                {
                    throw new InvalidOperationException(
                        $"{workload.Size}, {workload.Family}: {what}[{k}] is {mine[k]} here and {theirs[k]} from {peer.Engine.Name}; "
                        + "nothing was timed.");
                }

                largest = Math.Max(largest, difference);
            }
        }
    }
}
