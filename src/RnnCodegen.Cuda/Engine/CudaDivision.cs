namespace RnnCodegen.Cuda;

/// <summary>How a pass is divided: what of a batch goes to one block, and what of a sequence to one chunk.</summary>
internal sealed record CudaDivision
{
    /// <summary>As a GPU takes it.</summary>
    public static readonly CudaDivision Default = new();

    /// <summary>Sets of gradients, at most.</summary>
    public int Parts { get; init; } = 8;

    /// <summary>Blocks that take samples or add up, at most, where they write nothing of which there are few.</summary>
    public int Blocks { get; init; } = 1024;

    /// <summary>Rows, steps times samples, that the temporary memory of a time loop has room for.</summary>
    public int ChunkRows { get; init; } = 65536;

    /// <summary>Chunks of a piece of a long Run.</summary>
    public int PieceChunks { get; init; } = 4;
}
