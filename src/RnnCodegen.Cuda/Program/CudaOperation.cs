namespace RnnCodegen.Cuda;

/// <summary>A part of a pass: a launch, or a loop of the host.</summary>
public abstract record CudaOperation;

/// <summary>
/// The steps of an axis, as many at a time as the temporary memory of <see cref="CudaRows.ChunkStep"/> has room for: within, launches get
/// the first step of the chunk and the number of its steps.
/// </summary>
/// <param name="Axis">The axis.</param>
/// <param name="IsDescending">Whether the last chunk is first.</param>
/// <param name="Operations">What is done for each chunk.</param>
public sealed record CudaChunks(int Axis, bool IsDescending, CudaOperation[] Operations) : CudaOperation;

/// <summary>The steps of a chunk one by one, where a step is so large that it is several launches.</summary>
/// <param name="IsDescending">Whether the last step is first.</param>
/// <param name="Operations">What is done for each step.</param>
public sealed record CudaSteps(bool IsDescending, CudaOperation[] Operations) : CudaOperation;

/// <summary>What is done where a device has clusters of blocks (compute capability 9.0), and what where it has none.</summary>
/// <param name="WithClusters">Operations of the first.</param>
/// <param name="Without">Those of the others.</param>
public sealed record CudaChoice(CudaOperation[] WithClusters, CudaOperation[] Without) : CudaOperation;

/// <summary>How a launch is spread over blocks.</summary>
public enum CudaGrid
{
    /// <summary>A block takes some samples of the batch through everything.</summary>
    Samples,

    /// <summary>A block makes a tile of a product: rows by columns.</summary>
    Tiles,

    /// <summary>A block makes a tile of a weight's gradient, of one part of the rows.</summary>
    WeightTiles,

    /// <summary>A cluster of blocks takes some samples through the steps of a chunk, with the weights on chip.</summary>
    Clusters,
}

/// <summary>What the rows of a launch are.</summary>
public enum CudaRowsKind
{
    /// <summary>A row a step of the axis and sample.</summary>
    Steps,

    /// <summary>A row a sample.</summary>
    Samples,

    /// <summary>A row a step of the chunk and sample.</summary>
    Chunk,

    /// <summary>So many rows a sample.</summary>
    Stream,
}

/// <summary>The launch of a kernel: (const Call* call, Turn turn).</summary>
/// <param name="Kernel">Its name.</param>
/// <param name="Grid">How it is spread over blocks.</param>
/// <param name="Threads">Threads of a block.</param>
public sealed record CudaLaunch(string Kernel, CudaGrid Grid, int Threads) : CudaOperation
{
    /// <summary>What its rows are, where it has tiles.</summary>
    public CudaRowsKind Rows { get; init; }

    /// <summary>The axis of <see cref="CudaRowsKind.Steps"/>; the number of rows of <see cref="CudaRowsKind.Stream"/>.</summary>
    public int RowsOf { get; init; }

    /// <summary>Rows that there are for each of <see cref="Rows"/>.</summary>
    public int Times { get; init; } = 1;

    /// <summary>Columns of a product's result, or rows of the weight whose gradient is made.</summary>
    public int Columns { get; init; }

    /// <summary>Columns of the weight whose gradient is made.</summary>
    public int Inputs { get; init; }

    /// <summary>Rows of a tile, and columns.</summary>
    public int Tile { get; init; }

    /// <summary>Blocks of a cluster.</summary>
    public int Cluster { get; init; } = 1;

    /// <summary>Samples that a cluster takes at a time.</summary>
    public int Samples { get; init; }

    /// <summary>Bytes of shared memory that the launch asks for.</summary>
    public int SharedBytes { get; init; }

    /// <summary>Whether its blocks write gradients of a part each, of which there are few.</summary>
    public bool WritesParts { get; init; }

    /// <summary>Whether it is left out where the caller does not want the gradient of the input.</summary>
    public bool IsForInputGradient { get; init; }

    /// <summary>
    /// The kernel that is launched instead where there are few rows: of a product one with a warp for each column, of a loop one with a
    /// cluster for each sample, where the device has as many at once; null where there is none.
    /// </summary>
    public string? FewRowsKernel { get; init; }
}
