using System.Runtime.InteropServices;

namespace RnnCodegen.PtxMachine;

/// <summary>The global memory of a device: allocations with gaps between them, so that no address of one is near another.</summary>
public sealed class DeviceMemory
{
    private const ulong First = 0x7000_0000_0000, Gap = 1 << 20;
    private readonly SortedList<ulong, MemoryRegion> _regions = [];
    private ulong _next = First;

    /// <summary>Bytes that are allocated.</summary>
    public long Allocated => _regions.Values.Sum(region => (long)region.Bytes.Length);

    /// <summary>Number of allocations.</summary>
    public int Count => _regions.Count;

    /// <summary>Allocates bytes, which hold garbage until they are written.</summary>
    /// <returns>The address, a multiple of 256.</returns>
    public ulong Allocate(int bytes, string name = "an allocation")
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        var start = _next;
        _next += (((ulong)bytes + 255) & ~255UL) + Gap;
        var region = new MemoryRegion(name, start, bytes);
        region.Bytes.AsSpan().Fill(0xCD);
        _regions.Add(start, region);
        return start;
    }

    /// <summary>Frees an allocation.</summary>
    /// <exception cref="ArgumentException">There is none at this address.</exception>
    public void Free(ulong address)
    {
        if (!_regions.Remove(address))
        {
            throw new ArgumentException($"There is no allocation at 0x{address:x}.", nameof(address));
        }
    }

    /// <summary>Copies from the host.</summary>
    public void Write<T>(ulong address, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        var (region, offset) = Locate(address, bytes.Length);
        bytes.CopyTo(region.Bytes.AsSpan(offset));
        region.MarkWritten(offset, bytes.Length);
    }

    /// <summary>Copies to the host.</summary>
    /// <exception cref="PtxFault">Something of it was never written.</exception>
    public void Read<T>(ulong address, Span<T> values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        var (region, offset) = Locate(address, bytes.Length);
        if (!region.IsWritten(offset, bytes.Length))
        {
            throw new PtxFault(
                FaultKind.Uninitialized, $"the host reads {bytes.Length} bytes at {offset} of {region.Name}, which nobody wrote");
        }

        region.Bytes.AsSpan(offset, bytes.Length).CopyTo(bytes);
    }

    internal void BeginLaunch()
    {
        foreach (var region in _regions.Values)
        {
            region.BeginLaunch();
        }
    }

    /// <summary>The allocation that holds all of some bytes; null where there is none.</summary>
    internal (MemoryRegion Region, int Offset)? Find(ulong address, int size)
    {
        // The last one that starts at or before the address.
        var (low, high) = (0, _regions.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            (low, high) = _regions.Keys[middle] <= address ? (middle + 1, high) : (low, middle - 1);
        }

        return high >= 0 && _regions.Values[high] is var region && address - region.Start + (ulong)size <= (ulong)region.Bytes.Length
            ? (region, (int)(address - region.Start))
            : null;
    }

    private (MemoryRegion Region, int Offset) Locate(ulong address, int size) => Find(address, size)
        ?? throw new PtxFault(FaultKind.OutOfBounds, $"the host copies {size} bytes at 0x{address:x}, which is in no allocation");
}
