using RnnCodegen.Benchmarks.Models;

namespace RnnCodegen.Benchmarks.Engines;

/// <summary>How our code is asked to compute.</summary>
/// <param name="Name">As it stands in the report.</param>
/// <param name="Kind">What the model's attribute asks for.</param>
/// <param name="Threads">Most threads of a call.</param>
/// <param name="Tolerance">How far its outputs may be from those of <see cref="Plain"/>.</param>
internal sealed record OwnVariant(string Name, ModelKind Kind = ModelKind.Plain, int Threads = 1, double Tolerance = 1e-4)
{
    /// <summary>As it computes where nothing is said.</summary>
    public static OwnVariant Plain { get; } = new("RnnCodegen");

    /// <summary>On two threads.</summary>
    public static OwnVariant TwoThreads { get; } = new("2 threads", Threads: 2);

    /// <summary>Weights of 16 bits.</summary>
    public static OwnVariant BFloat16 { get; } = new("BFloat16 weights", ModelKind.BFloat16, Tolerance: 0.03);

    /// <summary>Weights of 8 bits.</summary>
    public static OwnVariant Int8 { get; } = new("Int8 weights", ModelKind.Int8, Tolerance: 0.1);

    /// <summary>Fast sigmoid and tanh.</summary>
    public static OwnVariant Fast { get; } = new("Fast activations", ModelKind.Fast);
}
