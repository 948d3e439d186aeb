using System.Runtime.InteropServices;
using RnnCodegen.Benchmarks.Engines;

namespace RnnCodegen.Benchmarks;

/// <summary>Our code must compute what the layer's definition says, and all engines the same, before any of them is timed.</summary>
internal static class Verification
{
    // Steps carry a state and training steps weights, so several of them.
    private const int Calls = 30;

    private static readonly string[] GradientNames = [.. LayerData.Kinds.Select(kind => $"gradient of {kind}"), "dx"];

    /// <summary>
    /// Compares ours with the definition in double precision, and every other engine of a family with ours, in each case; returns the
    /// largest difference of each.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// An engine differs by more than its tolerance, or our own code does not give the same bits again.
    /// </exception>
    public static Dictionary<(Workload Workload, Engine Engine), double> Compare(Family family)
    {
        var differences = new Dictionary<(Workload, Engine), double>();
        foreach (var rows in family.Rows.GroupBy(r => r.Workload))
        {
            var workload = rows.Key;
            var engines = rows.Select(r => r.Engine).Where(e => e != Engine.Own).ToList();
            foreach (var engine in engines)
            {
                differences[(workload, engine)] = Difference(workload, engine);
            }

            if (family.OfVariants)
            {
                engines.Prepend(Engine.Own).ToList().ForEach(e => RequireRepeatable(workload, e));
            }

            var exact = Engine.Reference.Supports(workload) ? workload : workload with { Steps = 8, Batch = Math.Min(workload.Batch, 8) };
            differences[(workload, Engine.Reference)] = Difference(exact, Engine.Reference);
        }

        return differences;
    }

    private static double Difference(Workload workload, Engine engine)
    {
        var data = LayerData.Of(workload);
        using var own = Engine.Own.Open(workload, data);
        using var other = engine.Open(workload, data);
        var largest = 0.0;
        for (var call = 0; call < CallsOf(workload); call++)
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
                    $"{workload.Call} {workload.Name}: {what} has {mine.Length} values here and {theirs.Length} from {engine.Name}.");
            }

            for (var k = 0; k < mine.Length; k++)
            {
                var difference = Math.Abs(mine[k] - theirs[k]) / scale;
                if (!(difference <= engine.Tolerance))
                {
                    throw new InvalidOperationException(
                        $"{workload.Call} {workload.Name}: {what}[{k}] is {mine[k]} here and {theirs[k]} from {engine.Name}; " +
                        "nothing was timed.");
                }

                largest = Math.Max(largest, difference);
            }
        }
    }

    /// <summary>Two sessions of the same engine must give the same bits, call by call.</summary>
    private static void RequireRepeatable(Workload workload, Engine engine)
    {
        var data = LayerData.Of(workload);
        using var first = engine.Open(workload, data);
        using var second = engine.Open(workload, data);
        for (var call = 0; call < CallsOf(workload); call++)
        {
            first.Invoke();
            second.Invoke();
            foreach (var (a, b) in Results(first).Zip(Results(second)))
            {
                if (!MemoryMarshal.AsBytes(a.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(b.AsSpan())))
                {
                    throw new InvalidOperationException(
                        $"{workload.Call} {workload.Name}: two runs of {engine.Name} with the same data differ; nothing was timed.");
                }
            }
        }

        static IEnumerable<float[]> Results(Session session) => session.Gradients().Prepend(session.Output());
    }

    // A second call of a sequence shows that nothing is left of the first.
    private static int CallsOf(Workload workload) => workload.Call is Call.Step or Call.TrainingStep ? Calls : 2;
}
