namespace RnnCodegen;

/// <summary>
/// Processes that train one model together: a communicator. All of them call the same methods in the same order, with spans of the same
/// lengths; each call returns once this process has its result, whatever the others do next. A trainer takes one by its World; the package
/// RnnCodegen.Mpi has one over the MPI of the machine.
/// </summary>
public interface IProcessGroup
{
    /// <summary>Number of this process, from 0 to <see cref="Size"/> - 1. Rank 0 writes checkpoints and reports progress.</summary>
    int Rank { get; }

    /// <summary>Number of processes.</summary>
    int Size { get; }

    /// <summary>Gives every process what rank 0 has.</summary>
    /// <param name="data">Read on rank 0, overwritten on the others.</param>
    void Broadcast(Span<byte> data);

    /// <summary>
    /// Replaces every element by its sum over all processes, added in whatever order is fast; every process gets the same bits.
    /// </summary>
    /// <param name="values">This process's terms; receives the sums.</param>
    void AllReduceSum(Span<float> values);

    /// <summary>Gives every process the data of all, in the order of the ranks.</summary>
    /// <param name="mine">This process's data.</param>
    /// <param name="all">Receives <see cref="Size"/> times as much.</param>
    void AllGather(ReadOnlySpan<byte> mine, Span<byte> all);

    /// <summary>Gives each process a block of every process's data: rank r gets block r of each, in the order of the ranks.</summary>
    /// <param name="mine"><see cref="Size"/> blocks of equal length.</param>
    /// <param name="received">Receives as much.</param>
    void AllToAll(ReadOnlySpan<float> mine, Span<float> received);

    /// <summary>
    /// Ends all processes, because this one cannot go on and the others would wait for it without end. A group of one does nothing: its
    /// caller throws.
    /// </summary>
    /// <param name="reason">The reason, for the message that names this rank.</param>
    void Abort(string reason);
}
