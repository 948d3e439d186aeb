namespace RnnCodegen.PtxMachine;

/// <summary>The registers that a thread is born with.</summary>
internal static class Special
{
    /// <summary>The value of one; null where there is none of that name.</summary>
    public static Func<PtxThread, ulong>? Find(string name) => name switch
    {
        "%tid.x" => thread => (ulong)(thread.Index % thread.Block.Launch.Shape.Block.X),
        "%tid.y" => thread => (ulong)(thread.Index / thread.Block.Launch.Shape.Block.X % thread.Block.Launch.Shape.Block.Y),
        "%tid.z" => thread => (ulong)(thread.Index / (thread.Block.Launch.Shape.Block.X * thread.Block.Launch.Shape.Block.Y)),
        "%ntid.x" => thread => (ulong)thread.Block.Launch.Shape.Block.X,
        "%ntid.y" => thread => (ulong)thread.Block.Launch.Shape.Block.Y,
        "%ntid.z" => thread => (ulong)thread.Block.Launch.Shape.Block.Z,
        "%ctaid.x" => thread => (ulong)thread.Block.Index.X,
        "%ctaid.y" => thread => (ulong)thread.Block.Index.Y,
        "%ctaid.z" => thread => (ulong)thread.Block.Index.Z,
        "%nctaid.x" => thread => (ulong)thread.Block.Launch.Shape.Grid.X,
        "%nctaid.y" => thread => (ulong)thread.Block.Launch.Shape.Grid.Y,
        "%nctaid.z" => thread => (ulong)thread.Block.Launch.Shape.Grid.Z,
        "%laneid" => thread => (ulong)thread.Lane,
        "%warpid" => thread => (ulong)thread.Warp,
        "%cluster_ctarank" => thread => (ulong)thread.Block.Rank,
        "%cluster_nctarank" => thread => (ulong)thread.Block.Cluster.Blocks.Count,
        "%cluster_ctaid.x" => thread => (ulong)(thread.Block.Index.X % thread.Block.Launch.Shape.Cluster.X),
        "%cluster_nctaid.x" => thread => (ulong)thread.Block.Launch.Shape.Cluster.X,
        "%clusterid.x" => thread => (ulong)(thread.Block.Index.X / thread.Block.Launch.Shape.Cluster.X),
        "%nclusterid.x" => thread => (ulong)(thread.Block.Launch.Shape.Grid.X / thread.Block.Launch.Shape.Cluster.X),
        "%lanemask_lt" => thread => (1UL << thread.Lane) - 1,
        "WARP_SZ" => _ => 32,
        _ => null,
    };
}
