namespace RnnCodegen;

/// <summary>The samples of a batch that are one rank's: from First on, Count of them, possibly none.</summary>
internal readonly record struct BatchShare(int First, int Count)
{
    /// <summary>
    /// A rank's part of a batch, by the batch's size and the number of ranks alone. Where there are two samples or more for each rank, the
    /// batch is divided as threads divide it, so that the sums of ranks are those of threads.
    /// </summary>
    public static BatchShare Of(int batch, int rank, int ranks)
    {
        var partition = new BatchPartition(batch, ranks);
        return batch >= 2 * ranks
            ? new(partition.First(rank), partition.Count(rank))
            : new((int)((long)batch * rank / ranks), (int)(((long)batch * (rank + 1) / ranks) - ((long)batch * rank / ranks)));
    }

    /// <summary>Most samples that any rank has of a batch of this size, or of a smaller one.</summary>
    public static int Most(int batch, int ranks) => batch >= 2 * ranks
        ? new BatchPartition(batch, ranks).Count(0)
        : (batch + ranks - 1) / ranks;
}
