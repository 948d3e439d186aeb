namespace RnnCodegen.Cuda;

/// <summary>A part of a pass whose kernels are loaded.</summary>
internal abstract class CudaNode
{
    /// <summary>The nodes of operations, with a module's kernels.</summary>
    /// <param name="operations">The operations.</param>
    /// <param name="module">Has the kernels.</param>
    /// <param name="hasClusters">Whether the device has clusters of blocks.</param>
    public static CudaNode[] Of(CudaOperation[] operations, CudaModule module, bool hasClusters) =>
        [.. operations.SelectMany(operation => operation switch
        {
            CudaChunks c => [new CudaChunksNode(c.Axis, c.IsDescending, Of(c.Operations, module, hasClusters))],
            CudaSteps s => [new CudaStepsNode(s.IsDescending, Of(s.Operations, module, hasClusters))],
            CudaChoice c => Of(hasClusters ? c.WithClusters : c.Without, module, hasClusters),
            CudaLaunch launch => (CudaNode[])[new CudaLaunchNode(launch, module)],
            _ => throw new NotSupportedException(
                $"The engine does not know {operation.GetType().Name}: the package RnnCodegen.Cuda is older than the model."),
        })];
}

/// <summary>The chunks of an axis.</summary>
internal sealed class CudaChunksNode(int axis, bool isDescending, CudaNode[] nodes) : CudaNode
{
    public int Axis => axis;

    public bool IsDescending => isDescending;

    public CudaNode[] Nodes => nodes;
}

/// <summary>The steps of a chunk.</summary>
internal sealed class CudaStepsNode(bool isDescending, CudaNode[] nodes) : CudaNode
{
    public bool IsDescending => isDescending;

    public CudaNode[] Nodes => nodes;
}

/// <summary>The launch of a kernel, and of the one that takes its place where there are few rows.</summary>
internal sealed class CudaLaunchNode(CudaLaunch launch, CudaModule module) : CudaNode
{
    public CudaLaunch Launch => launch;

    public CudaFunction Kernel { get; } = module[launch.Kernel];

    public bool HasFewRowsKernel => launch.FewRowsKernel is not null;

    public CudaFunction FewRowsKernel { get; } = module[launch.FewRowsKernel ?? launch.Kernel];
}
