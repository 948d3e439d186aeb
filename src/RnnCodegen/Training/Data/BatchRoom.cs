namespace RnnCodegen;

/// <summary>The sizes of a batch's arrays, which a large batch of long samples can make larger than arrays are.</summary>
internal static class BatchRoom
{
    /// <summary>The values of so many rows of each sample.</summary>
    /// <param name="what">What they are, for the message.</param>
    /// <param name="steps">Rows of the longest sample.</param>
    /// <param name="samples">Samples of the largest batch.</param>
    /// <param name="width">Values of a row.</param>
    /// <exception cref="ArgumentException">They are more than one array holds.</exception>
    public static int Of(string what, long steps, int samples, int width = 1)
    {
        var count = (Int128)steps * samples * width;
        return count <= Array.MaxLength
            ? (int)count
            : throw new ArgumentException(
                $"A batch of {samples} samples of up to {steps} {what} of {width} values takes {count} values, and an array " +
                $"holds {Array.MaxLength}: set a smaller BatchSize, or cut the samples.", nameof(BatchTrainer.BatchSize));
    }
}
