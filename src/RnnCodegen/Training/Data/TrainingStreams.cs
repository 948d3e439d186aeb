namespace RnnCodegen;

/// <summary>Cuts one long sequence into streams that are trained side by side, with a <see cref="Truncation"/>.</summary>
public static class TrainingStreams
{
    /// <summary>
    /// Streams for a model that says the next token: each token's target is the one after it. The text is cut into equal streams; up to
    /// as many tokens as there are streams are left over at its end.
    /// </summary>
    /// <param name="tokens">The text, as token ids; kept, not copied.</param>
    /// <param name="streams">Number of streams, a batch's size or a multiple of it.</param>
    /// <exception cref="ArgumentException">The text has not two tokens a stream.</exception>
    public static TrainingSet NextToken(ReadOnlyMemory<int> tokens, int streams)
    {
        var length = StreamLength(tokens.Length - 1, streams, nameof(tokens));
        var set = TrainingSet.OfTokens();
        for (var s = 0; s < streams; s++)
        {
            set.Add(tokens.Slice(s * length, length), tokens.Slice((s * length) + 1, length));
        }

        return set;
    }

    /// <summary>Streams of rows with rows of values as targets; what does not fill a row of each stream is left over at the end.</summary>
    /// <param name="rows">The sequence, [T, I]; kept, not copied.</param>
    /// <param name="inputSize">Features I of a row.</param>
    /// <param name="targets">The target of each step, [T, F].</param>
    /// <param name="outputSize">Values F of a target.</param>
    /// <param name="streams">Number of streams, a batch's size or a multiple of it.</param>
    /// <exception cref="ArgumentException">The sizes do not fit, or there is not a step a stream.</exception>
    public static TrainingSet Rows(
        ReadOnlyMemory<float> rows, int inputSize, ReadOnlyMemory<float> targets, int outputSize, int streams)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputSize);
        var set = TrainingSet.OfRows(inputSize);
        var (steps, rest) = Math.DivRem(rows.Length, inputSize);
        if (rest != 0 || targets.Length != (long)steps * outputSize)
        {
            throw new ArgumentException(
                $"{rows.Length} values make {steps} rows of {inputSize} and {rest} over; {targets.Length} target values " +
                $"of {outputSize} a row do not fit.",
                nameof(targets));
        }

        var length = StreamLength(steps, streams, nameof(rows));
        for (var s = 0; s < streams; s++)
        {
            set.Add(
                rows.Slice(s * length * inputSize, length * inputSize), targets.Slice(s * length * outputSize, length * outputSize));
        }

        return set;
    }

    private static int StreamLength(int steps, int streams, string argument)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(streams);
        return steps >= streams
            ? steps / streams
            : throw new ArgumentException($"{steps} steps are too few for {streams} streams.", argument);
    }
}
