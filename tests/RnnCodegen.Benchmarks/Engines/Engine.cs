namespace RnnCodegen.Benchmarks.Engines;

/// <summary>A way to compute the workloads.</summary>
/// <param name="Name">As it stands in the report.</param>
/// <param name="Supports">Whether it can do a workload in reasonable time.</param>
/// <param name="Open">Sets it up for a workload.</param>
internal sealed record Engine(string Name, Func<Workload, bool> Supports, Func<Workload, LayerData, Session> Open)
{
    // Above these a call of a loop takes a good part of a second.
    private const double PlainLoopFlops = 5e8;
    private const double TensorLoopFlops = 3e9;

    /// <summary>Our generated code.</summary>
    public static Engine Own { get; } = new("RnnCodegen", _ => true, (w, data) => new OwnSession(w, data));

    /// <summary>Ours first, then the peers of this build that this machine can load.</summary>
    public static IReadOnlyList<Engine> All { get; }

    /// <summary>Why a peer is not among <see cref="All"/>, a sentence each.</summary>
    public static IReadOnlyList<string> Missing { get; }

    static Engine()
    {
        var all = new List<Engine> { Own };
        var missing = new List<string>();
#if PEERS
        all.Add(new("ONNX Runtime", w => w.Family != Family.Train, (w, data) => new OnnxSession(w, data)));
#else
        missing.Add("ONNX Runtime is not in this build; add `-p:Peers=true`.");
#endif
#if TORCH
        if (TorchSession.LoadError() is { } error)
        {
            missing.Add($"TorchSharp's native library could not be loaded here: {error}");
        }
        else
        {
            all.Add(new("TorchSharp", _ => true, (w, data) => new TorchSession(w, data)));
        }
#else
        missing.Add("TorchSharp is not in this build; add `-p:Torch=true`.");
#endif
        all.Add(new("TensorPrimitives loop", w => w.Flops < TensorLoopFlops, Loop<TensorMath>));
        all.Add(new("plain C# loop", w => w.Flops < PlainLoopFlops, Loop<ScalarMath>));
        (All, Missing) = (all, missing);
    }

    private static Session Loop<TMath>(Workload workload, LayerData data)
        where TMath : struct, IRowMath =>
        workload.Family == Family.Train ? new LoopTraining<TMath>(workload, data) : new LoopSession<TMath>(workload, data);
}
