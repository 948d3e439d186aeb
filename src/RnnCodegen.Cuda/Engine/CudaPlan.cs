namespace RnnCodegen.Cuda;

/// <summary>A part of a pass whose kernels are loaded.</summary>
internal abstract class CudaNode
{
    /// <summary>The nodes of operations, with a module's kernels, as they are for a device with clusters of blocks or without.</summary>
    public static CudaNode[] Of(CudaOperation[] operations, CudaModule module, bool hasClusters)
    {
        return [.. operations.SelectMany(One)];

        IEnumerable<CudaNode> One(CudaOperation operation) => operation switch
        {
            CudaChoice choice => Of(hasClusters ? choice.WithClusters : choice.Without, module, hasClusters),
            CudaChunks chunks => [new CudaChunksNode(chunks.Axis, chunks.IsDescending, Of(chunks.Operations, module, hasClusters))],
            CudaSteps steps => [new CudaStepsNode(steps.IsDescending, Of(steps.Operations, module, hasClusters))],
            CudaLaunch launch => [new CudaLaunchNode(launch, module)],
            _ => throw new NotSupportedException(
                $"The engine does not know {operation.GetType().Name}: the package RnnCodegen.Cuda is older than the model."),
        };
    }
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
