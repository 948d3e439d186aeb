using System.Buffers.Binary;

namespace RnnCodegen.PtxMachine;

/// <summary>The shape of a launch.</summary>
/// <param name="Grid">Blocks.</param>
/// <param name="Block">Threads of a block.</param>
/// <param name="Cluster">Blocks of a cluster.</param>
/// <param name="DynamicShared">Bytes of shared memory beside the kernel's own.</param>
public readonly record struct LaunchShape(
    (int X, int Y, int Z) Grid, (int X, int Y, int Z) Block, (int X, int Y, int Z) Cluster, int DynamicShared)
{
    /// <summary>A launch in one dimension.</summary>
    public static LaunchShape Of(int blocks, int threads, int cluster = 1, int dynamicShared = 0) =>
        new((blocks, 1, 1), (threads, 1, 1), (cluster, 1, 1), dynamicShared);
}

/// <summary>One launch of a kernel: runs all threads of all blocks, cluster by cluster, and checks what they do.</summary>
public sealed class PtxLaunch
{
    private const int MaxBlockThreads = 1024, MaxCluster = 16, MaxShared = 227 * 1024;
    private readonly byte[] _parameters;
    private readonly long _limit;
    private long _count;

    private PtxLaunch(PtxKernel kernel, DeviceMemory memory, LaunchShape shape, byte[] parameters, long limit)
    {
        (Kernel, Memory, Shape, _parameters, _limit) = (kernel, memory, shape, parameters, limit);
        var (threads, cluster) = (shape.Block.X * shape.Block.Y * shape.Block.Z, shape.Cluster.X * shape.Cluster.Y * shape.Cluster.Z);
        Require(threads is > 0 and <= MaxBlockThreads, $"a block of {threads} threads");
        Require(threads <= (kernel.MaxThreads ?? threads), $"a block of {threads} threads: it has at most {kernel.MaxThreads}");
        Require(shape.Grid is { X: > 0, Y: > 0, Z: > 0 }, $"a grid of {shape.Grid}");
        Require(cluster is > 0 and <= MaxCluster && shape.Cluster is { Y: 1, Z: 1 }, $"a cluster of {shape.Cluster}");
        Require(shape.Grid.X % shape.Cluster.X == 0, $"{shape.Grid.X} blocks in clusters of {shape.Cluster.X}");
        Require((kernel.ClusterSize ?? shape.Cluster) == shape.Cluster, $"clusters of {shape.Cluster}: it needs {kernel.ClusterSize}");
        var shared = kernel.DynamicStart + shape.DynamicShared;
        Require(shared <= MaxShared, $"{shared} bytes of shared memory");
        Require(parameters.Length == kernel.ParameterBytes, $"{parameters.Length} bytes of parameters: it has {kernel.ParameterBytes}");
    }

    internal PtxKernel Kernel { get; }

    internal DeviceMemory Memory { get; }

    internal LaunchShape Shape { get; }

    /// <summary>Runs a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="memory">The device's memory.</param>
    /// <param name="shape">Grid, blocks and clusters.</param>
    /// <param name="parameters">The kernel's parameters, as they are laid out in the text.</param>
    /// <param name="limit">Most instructions of all threads together.</param>
    /// <returns>Instructions that all threads have run.</returns>
    /// <exception cref="PtxFault">The kernel did something wrong; the message says which thread, where and what.</exception>
    public static long Run(PtxKernel kernel, DeviceMemory memory, LaunchShape shape, byte[] parameters, long limit = 10_000_000_000)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(parameters);
        var launch = new PtxLaunch(kernel, memory, shape, parameters, limit);
        memory.BeginLaunch();
        for (var z = 0; z < shape.Grid.Z; z++)
        {
            for (var y = 0; y < shape.Grid.Y; y++)
            {
                for (var x = 0; x < shape.Grid.X; x += shape.Cluster.X)
                {
                    launch.RunCluster(x, y, z);
                }
            }
        }

        return launch._count;
    }

    /// <summary>A parameter's bytes.</summary>
    internal ulong Parameter(int offset, int size)
    {
        Span<byte> bytes = stackalloc byte[8];
        _parameters.AsSpan(offset, size).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    internal void ArriveAtCluster(PtxThread thread)
    {
        if (thread.ClusterArrivals != thread.ClusterWaits)
        {
            throw thread.Fault(FaultKind.Barrier, "arrives at its cluster's barrier twice without waiting");
        }

        thread.ClusterArrivals++;
    }

    internal void WaitForCluster(PtxThread thread)
    {
        if (thread.ClusterArrivals != thread.ClusterWaits + 1)
        {
            throw thread.Fault(FaultKind.Barrier, "waits for its cluster's barrier without having arrived");
        }

        thread.Waiting = Waiting.Cluster;
    }

    private void Require(bool isRight, string what)
    {
        if (!isRight)
        {
            throw new PtxFault(FaultKind.Launch, $"{Kernel.Name} cannot be launched with {what}");
        }
    }

    private void RunCluster(int x, int y, int z)
    {
        var cluster = new PtxCluster();
        var count = Shape.Block.X * Shape.Block.Y * Shape.Block.Z;
        for (var rank = 0; rank < Shape.Cluster.X; rank++)
        {
            var shared = new MemoryRegion("shared memory", 0, Kernel.DynamicStart + Shape.DynamicShared);
            var block = new PtxBlock(this, cluster, rank, (x + rank, y, z), shared) { Living = count };
            cluster.Blocks.Add(block);
            block.Threads = [.. Enumerable.Range(0, count).Select(i => new PtxThread(block, i, Kernel.Registers, Kernel.LocalBytes))];
        }

        var threads = cluster.Blocks.SelectMany(block => block.Threads).ToArray();
        foreach (var thread in threads)
        {
            foreach (var (register, value) in Kernel.Preset)
            {
                thread.Registers[register] = value(thread);
            }
        }

        while (true)
        {
            foreach (var thread in threads)
            {
                Run(thread);
            }

            if (threads.All(thread => thread.Waiting == Waiting.Exited))
            {
                return;
            }

            // Warps first: what they exchange may bring their threads to a barrier.
            var isMoved = cluster.Blocks.Aggregate(false, (moved, block) => FinishWarps(block) | moved);
            isMoved = isMoved || cluster.Blocks.Aggregate(false, (moved, block) => FinishBlock(block) | moved) || FinishCluster(cluster);
            if (!isMoved)
            {
                throw Stuck(threads);
            }
        }
    }

    private void Run(PtxThread thread)
    {
        var instructions = Kernel.Instructions;
        while (thread.Waiting == Waiting.Nothing)
        {
            if (++_count > _limit)
            {
                throw thread.Fault(FaultKind.Endless, $"is one of a launch that takes more than {_limit} instructions");
            }

            if (thread.Next == instructions.Count)
            {
                thread.Waiting = Waiting.Exited;
            }
            else
            {
                instructions[thread.Next](thread);
            }

            if (thread.Waiting == Waiting.Exited)
            {
                thread.Block.Living--;
            }
        }
    }

    // An exchange is done once all lanes of its mask are at the same instruction.
    private static bool FinishWarps(PtxBlock block)
    {
        var isMoved = false;
        foreach (var warp in block.Threads.Chunk(32))
        {
            foreach (var thread in warp)
            {
                if (thread.Waiting != Waiting.Warp)
                {
                    continue;
                }

                var own = thread.Exchange;
                var mask = warp.Length == 32 ? own.Mask : own.Mask & ((1u << warp.Length) - 1);
                var lanes = warp.Where(other => (mask & (1u << other.Lane)) != 0).ToArray();
                if (lanes.Any(other => other.Waiting != Waiting.Warp || !other.Exchange.IsSameAs(own)))
                {
                    continue;
                }

                var values = new uint?[32];
                foreach (var lane in lanes)
                {
                    values[lane.Lane] = lane.Exchange.Value;
                }

                foreach (var lane in lanes)
                {
                    own.Finish(lane, values);
                    Go(lane, orders: own.Orders);
                }

                isMoved = true;
            }
        }

        return isMoved;
    }

    private static bool FinishBlock(PtxBlock block)
    {
        if (block.Threads.All(thread => thread.Waiting == Waiting.Block && thread.Next == block.Threads[0].Next))
        {
            foreach (var thread in block.Threads)
            {
                thread.BlockArrivals++;
                thread.BlockWaits++;
                Go(thread);
            }

            return true;
        }

        return false;
    }

    private static bool FinishCluster(PtxCluster cluster)
    {
        var living = cluster.Blocks.SelectMany(block => block.Threads).Where(thread => thread.Waiting != Waiting.Exited).ToArray();
        if (!living.All(thread => thread.Waiting == Waiting.Cluster))
        {
            return false;
        }

        foreach (var thread in living)
        {
            thread.ClusterWaits++;
            Go(thread);
        }

        return true;
    }

    // A barrier of any kind also orders a thread within its warp; an exchange of values orders nothing.
    private static void Go(PtxThread thread, bool orders = true)
    {
        thread.WarpArrivals += orders ? 1 : 0;
        thread.WarpWaits += orders ? 1 : 0;
        thread.Waiting = Waiting.Nothing;
        thread.Next++;
    }

    private static PtxFault Stuck(PtxThread[] threads)
    {
        var waiting = threads.First(thread => thread.Waiting != Waiting.Exited);
        var other = threads.FirstOrDefault(thread => thread.Waiting != waiting.Waiting || thread.Next != waiting.Next);
        var does = other is null ? "nobody else"
            : other.Waiting == Waiting.Exited ? $"{other} has ended"
            : $"{other} waits at another place";
        return waiting.Fault(FaultKind.Barrier, $"waits for its {waiting.Waiting}, and {does}");
    }
}
