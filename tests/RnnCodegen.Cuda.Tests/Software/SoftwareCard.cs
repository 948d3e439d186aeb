namespace RnnCodegen.Cuda.Tests;

/// <summary>What the software device says that it is; by default an H200 under a driver for CUDA 12.4.</summary>
internal sealed record SoftwareCard
{
    public string Name { get; init; } = "Software H200";

    /// <summary>Compute capability: 90 for 9.0. Below 90 there are no clusters.</summary>
    public int Architecture { get; init; } = 90;

    public int Multiprocessors { get; init; } = 132;

    /// <summary>Most bytes of shared memory of a block.</summary>
    public int MaxSharedBytes { get; init; } = 227 * 1024;

    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>12040 for CUDA 12.4.</summary>
    public int DriverVersion { get; init; } = 12040;

    /// <summary>GPUs that the driver finds.</summary>
    public int Devices { get; init; } = 1;

    /// <summary>A card of the generation before clusters.</summary>
    public static SoftwareCard A100 => new()
    {
        Name = "Software A100", Architecture = 80, Multiprocessors = 108, MaxSharedBytes = 163 * 1024,
    };
}
