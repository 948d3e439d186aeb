namespace RnnCodegen;

/// <summary>
/// How a batch is divided: ranges of neighbouring samples, of even sizes where the batch allows
/// it, so that few rows are left over beside the kernels' tiles. It depends on shapes and the
/// number of threads alone, never on the machine or on time, so results repeat bit for bit.
/// </summary>
internal readonly record struct BatchPartition
{
    /// <summary>Most threads a call may be told to use.</summary>
    public const int MaxParts = 64;

    // Fewer rows a part would leave the largest tiles without work, and read all weights for little.
    private const int SamplesPerPart = 8;

    // 10 to 50 microseconds of products, several times what it takes to hand a part over.
    private const long FlopsPerPart = 4_000_000;

    /// <summary>A batch in so many parts.</summary>
    public BatchPartition(int batch, int parts) => (Batch, Parts) = (batch, parts);

    /// <summary>Samples B.</summary>
    public int Batch { get; }

    /// <summary>Number of parts.</summary>
    public int Parts { get; }

    /// <summary>Returns a number of threads that can be; refuses others by name.</summary>
    public static int RequireThreads(int threads, string name) => threads is >= 1 and <= MaxParts ? threads
        : throw new ArgumentOutOfRangeException(name, threads, $"Must be from 1 to {MaxParts}.");

    /// <summary>As many parts as there are threads, or as pay.</summary>
    /// <param name="model">Says the operations of a step.</param>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="threads">Threads there are.</param>
    public static BatchPartition Choose(ModelDefinition model, int steps, int batch, int threads)
    {
        var flops = (Int128)model.FlopsPerStep * steps * batch;
        var paying = Int128.Min(batch / SamplesPerPart, flops / FlopsPerPart);
        return new(batch, (int)Int128.Clamp(paying, 1, threads));
    }

    /// <summary>The first sample of a part; that of the part after the last is B.</summary>
    public int First(int part)
    {
        var pairs = ((long)Batch + 1) / 2;
        return (int)Math.Min(Batch, 2 * ((pairs / Parts * part) + Math.Min(part, pairs % Parts)));
    }

    /// <summary>Samples of a part.</summary>
    public int Count(int part) => First(part + 1) - First(part);
}
