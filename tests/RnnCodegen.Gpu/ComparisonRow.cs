using System.Globalization;

namespace RnnCodegen.Gpu;

/// <summary>A row of the comparison: an LSTM with a dense layer on top, from the host's memory to the host's memory.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Kind">step, run, lengths or train.</param>
/// <param name="Hidden">Units.</param>
/// <param name="Batch">Samples, or streams.</param>
/// <param name="Steps">Steps of the longest sample.</param>
/// <param name="Target">Least ratio to PyTorch; 0 for none.</param>
/// <param name="Microseconds">Most microseconds a step; 0 for none.</param>
sealed record ComparisonRow(string Name, string Kind, int Hidden, int Batch, int Steps, double Target, double Microseconds)
{
    /// <summary>What large products are of, here and in PyTorch: float32 without TF32, TF32, or bfloat16.</summary>
    public CudaPrecision Precision { get; init; }

    /// <summary>Features of a step.</summary>
    public const int Features = 64;

    /// <summary>All rows.</summary>
    public static IReadOnlyList<ComparisonRow> All { get; } =
    [
        new("a step of one stream, H = 256", "step", 256, 1, 1, 8, 0),
        new("B = 1, H = 256", "run", 256, 1, 512, 5, 0),
        new("B = 1, H = 512", "run", 512, 1, 512, 5, 0),
        new("B = 1, H = 128", "run", 128, 1, 512, 1.3, 0),
        new("B = 64, H = 256", "run", 256, 64, 128, 2, 0),
        new("B = 64, H = 512", "run", 512, 64, 128, 2, 0),
        new("B = 64, H = 256, lengths from an eighth", "lengths", 256, 64, 128, 3, 0),
        new("training, B = 64, H = 256", "train", 256, 64, 128, 2, 10),
        new("training, B = 64, H = 512", "train", 512, 64, 128, 2, 10),
        new("B = 64, H = 512, TF32", "run", 512, 64, 128, 0, 0) { Precision = CudaPrecision.TensorFloat32 },
        new("B = 64, H = 512, bfloat16", "run", 512, 64, 128, 0, 0) { Precision = CudaPrecision.BFloat16 },
        new("training, B = 64, H = 512, TF32", "train", 512, 64, 128, 0, 0) { Precision = CudaPrecision.TensorFloat32 },
        new("training, B = 64, H = 512, bfloat16", "train", 512, 64, 128, 0, 0) { Precision = CudaPrecision.BFloat16 },
        new("1,000 streams of H = 128, a step of all", "step", 128, 1000, 1, 0, 50),
    ];

    /// <summary>The same row where every instruction of a kernel is interpreted: the smallest model, and few samples and steps.</summary>
    public ComparisonRow Rehearsed => this with { Hidden = 128, Batch = Math.Min(Batch, 2), Steps = Math.Min(Steps, 2) };

    /// <summary>Lengths of the samples, which PyTorch's side computes in the same way.</summary>
    public int[]? Lengths => Kind == "lengths"
        ? [.. Enumerable.Range(0, Batch).Select(b => Math.Max(1, Steps * (1 + (b % 8)) / 8))]
        : null;

    /// <summary>The row as a line for the other side.</summary>
    public string Line => string.Create(CultureInfo.InvariantCulture, $"{Name}\t{Kind}\t{Hidden}\t{Batch}\t{Steps}");
}
