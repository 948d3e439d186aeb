namespace RnnCodegen.PtxMachine;

/// <summary>A block of threads with its shared memory.</summary>
internal sealed class PtxBlock(PtxLaunch launch, PtxCluster cluster, int rank, (int X, int Y, int Z) index, MemoryRegion shared)
{
    /// <summary>The launch.</summary>
    public PtxLaunch Launch => launch;

    /// <summary>Its cluster; of one block where the launch has none.</summary>
    public PtxCluster Cluster => cluster;

    /// <summary>Its place in the cluster.</summary>
    public int Rank => rank;

    /// <summary>Its place in the grid.</summary>
    public (int X, int Y, int Z) Index => index;

    /// <summary>Its shared memory.</summary>
    public MemoryRegion Shared => shared;

    /// <summary>Its threads.</summary>
    public PtxThread[] Threads { get; set; } = [];

    /// <summary>Threads that have not ended; a block's shared memory is gone with the last of them.</summary>
    public int Living { get; set; }
}

/// <summary>Blocks that share a barrier and see each other's shared memory.</summary>
internal sealed class PtxCluster
{
    /// <summary>Bits of an address within a block's shared memory; those above are the block's rank.</summary>
    public const int RankShift = 24;

    /// <summary>Where shared memory is among generic addresses.</summary>
    public const ulong SharedWindow = 0x1000_0000_0000;

    /// <summary>Where local memory is among generic addresses.</summary>
    public const ulong LocalWindow = 0x2000_0000_0000;

    /// <summary>Its blocks.</summary>
    public List<PtxBlock> Blocks { get; } = [];

    /// <summary>The shared memory at an address.</summary>
    public (MemoryRegion Region, int Offset)? FindShared(ulong address, int size)
    {
        var (rank, offset) = (address >> RankShift, (int)(address & ((1UL << RankShift) - 1)));
        return rank < (ulong)Blocks.Count && Blocks[(int)rank] is var block && offset + size <= block.Shared.Bytes.Length
            && block.Living > 0
            ? (block.Shared, offset)
            : null;
    }
}
