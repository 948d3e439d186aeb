using System.Runtime.CompilerServices;

namespace RnnCodegen.PtxMachine;

/// <summary>What a thread waits for.</summary>
internal enum Waiting
{
    Nothing, Warp, Block, Cluster, Exited,
}

/// <summary>A thread: its registers and where it is.</summary>
internal sealed class PtxThread(PtxBlock block, int index, int registers, int localBytes)
{
    private readonly MemoryRegion? _local = localBytes > 0 ? new("local memory", 0, localBytes) : null;

    /// <summary>Its block.</summary>
    public PtxBlock Block => block;

    /// <summary>Its place in the block, x first.</summary>
    public int Index => index;

    /// <summary>Its warp in the block.</summary>
    public int Warp => index / 32;

    /// <summary>Its place in the warp.</summary>
    public int Lane => index % 32;

    /// <summary>Registers.</summary>
    public ulong[] Registers { get; } = new ulong[registers];

    /// <summary>The next instruction.</summary>
    public int Next { get; set; }

    /// <summary>What it waits for.</summary>
    public Waiting Waiting { get; set; }

    /// <summary>What it brings to its warp's exchange.</summary>
    public WarpExchange Exchange { get; set; }

    /// <summary>Its elements of the operands of its warp's product of matrices.</summary>
    public uint[] Fragment { get; set; } = [];

    // Barriers arrived at, and waited for, of each kind; only arriving at a cluster's barrier and waiting for it are apart.
    public int WarpArrivals { get; set; }

    public int WarpWaits { get; set; }

    public int BlockArrivals { get; set; }

    public int BlockWaits { get; set; }

    public int ClusterArrivals { get; set; }

    public int ClusterWaits { get; set; }

    /// <summary>Reads a register or constant.</summary>
    public T Get<T>(Operand operand)
        where T : unmanaged
    {
        var bits = operand.Register < 0 ? operand.Bits : Registers[operand.Register];
        return Unsafe.As<ulong, T>(ref bits);
    }

    /// <summary>Writes a register.</summary>
    public void Set<T>(int register, T value)
        where T : unmanaged
    {
        ulong bits = 0;
        Unsafe.As<ulong, T>(ref bits) = value;
        if (register >= 0)
        {
            Registers[register] = bits;
        }
    }

    /// <summary>The memory at an address, checked for bounds and alignment.</summary>
    public (MemoryRegion Region, int Offset) Locate(Space space, ulong address, int size)
    {
        var found = space switch
        {
            Space.Global => block.Launch.Memory.Find(address, size),
            Space.Shared => block.Cluster.FindShared(address, size),
            Space.Local => _local is not null && address + (ulong)size <= (ulong)_local.Bytes.Length ? (_local, (int)address) : null,
            _ => throw Fault(FaultKind.Unsupported, $"address space {space}"),
        };
        var (region, offset) = found
            ?? throw Fault(FaultKind.OutOfBounds, $"touches {size} bytes at 0x{address:x}, which is no {space} memory");
        return address % (ulong)size == 0
            ? (region, offset)
            : throw Fault(FaultKind.Misaligned, $"touches {size} bytes at offset {offset} of {region.Name}");
    }

    /// <summary>A fault of this thread, at its current instruction.</summary>
    public PtxFault Fault(FaultKind kind, string what) =>
        new(kind, $"{this} of {block.Launch.Kernel.Name} {what}; at '{block.Launch.Kernel.TextOf(Next)}'.");

    public override string ToString() => $"thread {index} of block {block.Index}";
}

/// <summary>What a thread brings to an exchange of its warp.</summary>
/// <param name="Instruction">The instruction, the same for all.</param>
/// <param name="Mask">Lanes that take part.</param>
/// <param name="Value">The thread's value.</param>
/// <param name="Finish">What a thread does with the values of all lanes; those that do not take part have none.</param>
/// <param name="Orders">Whether it orders the threads' memory accesses, as a barrier does.</param>
internal readonly record struct WarpExchange(int Instruction, uint Mask, uint Value, Action<PtxThread, uint?[]> Finish, bool Orders)
{
    /// <summary>Whether another thread has come to the same exchange.</summary>
    public bool IsSameAs(in WarpExchange other) => Instruction == other.Instruction && Mask == other.Mask;
}

/// <summary>An operand: a register, or bits.</summary>
internal readonly record struct Operand(int Register, ulong Bits);

/// <summary>Where an address points.</summary>
internal enum Space
{
    Generic, Global, Shared, Local, Param,
}
