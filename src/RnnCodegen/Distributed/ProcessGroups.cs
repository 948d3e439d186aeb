using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>Helper methods for programs of several processes.</summary>
public static class ProcessGroups
{
    /// <summary>
    /// Rank 0's value on every rank, e.g. whether there is a checkpoint to go on from: each machine may see other files. All ranks call it.
    /// </summary>
    /// <param name="group">The processes.</param>
    /// <param name="value">Rank 0's counts.</param>
    public static T FromRank0<T>(this IProcessGroup group, T value)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(group);
        Span<T> shared = [value];
        group.Broadcast(MemoryMarshal.AsBytes(shared));
        return shared[0];
    }
}
