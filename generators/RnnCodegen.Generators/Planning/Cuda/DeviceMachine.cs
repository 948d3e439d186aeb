using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Planning.Cuda;

/// <summary>What a plan for GPUs counts with: what a multiprocessor of compute capability 8.0 and later has.</summary>
internal sealed record DeviceMachine
{
    /// <summary>GPUs as they are.</summary>
    public static readonly DeviceMachine Default = new();

    /// <summary>Threads of a block. The prelude's tiles are written for this number.</summary>
    public int Threads => 256;

    /// <summary>Rows and columns of a tile of a product, as the prelude has it.</summary>
    public int Tile => 64;

    /// <summary>Weights from which on a product of one row a sample is a launch of its own, over many blocks.</summary>
    public int LargeWeights { get; init; } = 16 * 1024;

    /// <summary>Weights that a thread holds in registers through a time loop, of the 255 that it has.</summary>
    public int WeightsOfThread { get; init; } = 144;

    /// <summary>Weights that a block holds in shared memory beside them: 112 KB, of the 163 KB or more that every such GPU has.</summary>
    public int WeightsInShared { get; init; } = 28 * 1024;

    /// <summary>Most blocks of a cluster: 16, where a kernel says that it wants more than 8.</summary>
    public int MostBlocks { get; init; } = 16;

    /// <summary>Samples that a cluster takes through its loop at a time.</summary>
    public int Samples { get; init; } = 4;
}
