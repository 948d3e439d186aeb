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

    // And above these a call in double precision takes some seconds.
    private const double ReferenceFlops = 2e9;

    /// <summary>Our generated code, as it is where nothing else is asked for.</summary>
    public static Engine Own { get; } = OwnAs(OwnVariant.Plain);

    /// <summary>Our generated code on two threads.</summary>
    public static Engine TwoThreads { get; } = OwnAs(OwnVariant.TwoThreads);

    /// <summary>Our generated code with weights of 16 bits.</summary>
    public static Engine BFloat16 { get; } = OwnAs(OwnVariant.BFloat16);

    /// <summary>Our generated code with weights of 8 bits.</summary>
    public static Engine Int8 { get; } = OwnAs(OwnVariant.Int8);

    /// <summary>Our generated code with fast sigmoid and tanh.</summary>
    public static Engine Fast { get; } = OwnAs(OwnVariant.Fast);

    /// <summary>The peers of this build that this machine can load.</summary>
    public static IReadOnlyList<Engine> Peers { get; }

    /// <summary>What our code is held to in every case.</summary>
    public static Engine Reference { get; } = new(
        "double precision", w => w.Flops < ReferenceFlops, (w, data) => new ReferenceSession(w, data));

    /// <summary>Why a peer is not among <see cref="Peers"/>, a sentence each.</summary>
    public static IReadOnlyList<string> Missing { get; }

    /// <summary>Whether it is our own code.</summary>
    public bool IsOwn { get; private init; }

    /// <summary>
    /// How far its results may be from ours: absolute for outputs, relative to the largest value of the tensor for gradients.
    /// </summary>
    public double Tolerance { get; private init; } = 1e-4;

    static Engine()
    {
        var peers = new List<Engine>();
        var missing = new List<string>();
#if PEERS
        peers.Add(new(OnnxRuntime, w => w.Call is Call.Step or Call.Run, (w, data) => new OnnxSession(w, data)));
#else
        missing.Add($"{OnnxRuntime} is not in this build; add `-p:Peers=true`.");
#endif
#if TORCH
        if (TorchSession.LoadError() is { } error)
        {
            missing.Add($"{TorchSharp}'s native library could not be loaded here: {error}");
        }
        else
        {
            peers.Add(new(TorchSharp, _ => true,
                (w, data) => w.Call == Call.TrainingStep ? new TorchTrainingStep(w, data) : new TorchSession(w, data)));
        }
#else
        missing.Add($"{TorchSharp} is not in this build; add `-p:Torch=true`.");
#endif
        peers.Add(new("TensorPrimitives loop", w => w.Flops < TensorLoopFlops, Loop<TensorMath>));
        peers.Add(new("plain C# loop", w => w.Flops < PlainLoopFlops, Loop<ScalarMath>));
        (Peers, Missing) = (peers, missing);
    }

    /// <summary>ONNX Runtime's name.</summary>
    public const string OnnxRuntime = "ONNX Runtime";

    /// <summary>TorchSharp's name.</summary>
    public const string TorchSharp = "TorchSharp";

    private static Engine OwnAs(OwnVariant variant) => new(
        variant.Name,
        _ => true,
        (w, data) => w.Call == Call.TrainingStep ? new OwnTrainingStep(w, data) : new OwnSession(w, data, variant))
    {
        IsOwn = true,
        Tolerance = variant.Tolerance,
    };

    private static Session Loop<TMath>(Workload workload, LayerData data)
        where TMath : struct, IRowMath => workload.Call switch
        {
            Call.Train => new LoopTraining<TMath>(workload, data),
            Call.TrainingStep => new LoopTrainingStep<TMath>(workload, data),
            _ => new LoopSession<TMath>(workload, data),
        };
}
