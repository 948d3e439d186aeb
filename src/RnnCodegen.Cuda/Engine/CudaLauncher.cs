namespace RnnCodegen.Cuda;

/// <summary>Enqueues the launches of a pass: loops over chunks and steps, and the grid of each launch.</summary>
/// <param name="device">Where they go.</param>
/// <param name="addBlocks">The kernel that adds up sets of gradients.</param>
/// <param name="mostBlocks">See <see cref="CudaDivision.Blocks"/>.</param>
internal sealed unsafe class CudaLauncher(CudaDevice device, CudaFunction addBlocks, int mostBlocks)
{
    // Rows of a product up to which a warp takes a column.
    private const int FewRows = 8;

    private const int WarpThreads = 32;

    // What a grid has in its second dimension, at most.
    private const int MostRowBlocks = 65535;

    private const int AddThreads = 256;

    /// <summary>Launches so far.</summary>
    public long Launches { get; private set; }

    /// <summary>Enqueues a pass.</summary>
    /// <param name="nodes">Its operations.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="where">The address of the call.</param>
    /// <param name="wantsInputGradient">Whether launches for it are wanted.</param>
    public void Run(CudaNode[] nodes, CudaShape shape, ulong where, bool wantsInputGradient) =>
        Run(nodes, shape, where, wantsInputGradient, default);

    /// <summary>Enqueues the sum of sets of values.</summary>
    /// <param name="parts">The first set.</param>
    /// <param name="sums">Receives the sum.</param>
    /// <param name="count">Sets.</param>
    /// <param name="width">Values of a set.</param>
    /// <param name="adds">Whether the sum is added to what is there.</param>
    public void Add(ulong parts, ulong sums, int count, int width, bool adds)
    {
        var isAdded = adds ? 1 : 0;
        var arguments = stackalloc void*[] { &parts, &sums, &count, &width, &isAdded };
        Launch(addBlocks, Math.Min(Ceiling(width, AddThreads), mostBlocks), 1, 1, AddThreads, 1, 0, arguments);
    }

    private void Run(CudaNode[] nodes, CudaShape shape, ulong where, bool wantsInputGradient, CudaTurn turn)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case CudaChunksNode chunks:
                    RunChunks(chunks, shape, where, wantsInputGradient, turn);
                    break;
                case CudaStepsNode steps:
                    for (var n = 0; n < turn.ChunkSteps; n++)
                    {
                        turn.Step = turn.Chunk + (steps.IsDescending ? turn.ChunkSteps - 1 - n : n);
                        Run(steps.Nodes, shape, where, wantsInputGradient, turn);
                    }

                    break;
                case CudaLaunchNode launch when wantsInputGradient || !launch.Launch.IsForInputGradient:
                    Launch(launch, shape, where, turn);
                    break;
            }
        }
    }

    private void RunChunks(CudaChunksNode chunks, CudaShape shape, ulong where, bool wantsInputGradient, CudaTurn turn)
    {
        var steps = shape.StepsOf(chunks.Axis);
        for (var done = 0; done < steps; done += shape.ChunkSteps)
        {
            turn.ChunkSteps = Math.Min(shape.ChunkSteps, steps - done);
            turn.Chunk = turn.Step = chunks.IsDescending ? steps - done - turn.ChunkSteps : done;
            Run(chunks.Nodes, shape, where, wantsInputGradient, turn);
        }
    }

    private void Launch(CudaLaunchNode node, CudaShape shape, ulong where, CudaTurn turn)
    {
        var (launch, kernel) = (node.Launch, node.Kernel);
        var (x, y, z) = (1, 1, 1);
        var batch = shape.Batch;
        switch (launch.Grid)
        {
            case CudaGrid.Samples:
                turn.Samples = Ceiling(batch, Math.Min(batch, launch.WritesParts ? shape.Parts : mostBlocks));
                x = Ceiling(batch, turn.Samples);
                break;
            case CudaGrid.Tiles when RowsOf(launch, shape, turn) is var rows:
                if (rows == 0)
                {
                    return;
                }

                (x, y) = (Ceiling(launch.Columns, launch.Tile), Ceiling(rows, launch.Tile));
                if (rows <= FewRows && node.HasFewRowsKernel)
                {
                    (kernel, x, y) = (node.FewRowsKernel, Ceiling(launch.Columns, launch.Threads / WarpThreads), 1);
                }

                RequireRows(shape, y);
                break;
            case CudaGrid.WeightTiles:
                (x, y, z) = (Ceiling(launch.Inputs, launch.Tile), Ceiling(launch.Columns, launch.Tile), shape.Parts);
                break;
            case CudaGrid.Clusters:
                var samples = launch.Samples;
                if (node.HasFewRowsKernel && (long)batch * launch.Cluster <= device.Multiprocessors)
                {
                    (kernel, samples) = (node.FewRowsKernel, 1);
                }

                turn.Samples = launch.WritesParts ? Ceiling(batch, Math.Min(Ceiling(batch, samples), shape.Parts)) : samples;
                x = Ceiling(batch, turn.Samples) * launch.Cluster;
                break;
        }

        var arguments = stackalloc void*[] { &where, &turn };
        Launch(kernel, x, y, z, launch.Threads, launch.Cluster, launch.SharedBytes, arguments);
    }

    private void Launch(CudaFunction kernel, int x, int y, int z, int threads, int cluster, int sharedBytes, void** arguments)
    {
        device.Launch(kernel, x, y, z, threads, cluster, sharedBytes, arguments);
        Launches++;
    }

    private static long RowsOf(CudaLaunch launch, CudaShape shape, in CudaTurn turn) => launch.Times * (launch.Rows switch
    {
        CudaRowsKind.Steps => (long)shape.StepsOf(launch.RowsOf) * shape.Batch,
        CudaRowsKind.Chunk => (long)turn.ChunkSteps * shape.Batch,
        CudaRowsKind.Stream => (long)launch.RowsOf * shape.Batch,
        _ => shape.Batch,
    });

    private static int Ceiling(long count, long size) => checked((int)((count + size - 1) / size));

    private static void RequireRows(CudaShape shape, int blocks)
    {
        if (blocks > MostRowBlocks)
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape), $"T = {shape.Steps} steps of B = {shape.Batch} samples are more rows than one launch has blocks for: " +
                "take fewer steps or samples at a time.");
        }
    }
}
