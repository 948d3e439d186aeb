namespace RnnCodegen;

/// <summary>The shape of a loss' operands: output rows [T, B, F], of which a sample's rows at and past its length do not count.</summary>
public readonly ref struct LossShape
{
    /// <summary>Rows of a sequence model, [T, B, F].</summary>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="features">Features F of a row.</param>
    /// <param name="lengths">Valid steps of each sample, from 0 to T; empty when all are T.</param>
    /// <exception cref="ArgumentException">A size is not positive, or the lengths are not B numbers from 0 to T.</exception>
    public LossShape(int steps, int batch, int features, ReadOnlySpan<int> lengths = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features);
        if ((long)steps * batch * features > Array.MaxLength)
        {
            throw new ArgumentException($"[{steps}, {batch}, {features}] is more than one span can hold.");
        }

        if (!lengths.IsEmpty && lengths.Length != batch)
        {
            throw new ArgumentException($"Expected {batch} lengths, one a sample, got {lengths.Length}.", nameof(lengths));
        }

        for (var b = 0; b < lengths.Length; b++)
        {
            if ((uint)lengths[b] > (uint)steps)
            {
                throw new ArgumentException($"Length {lengths[b]} of sample {b} is not from 0 to {steps}.", nameof(lengths));
            }
        }

        (Steps, Batch, Features) = (steps, batch, features);
        Lengths = lengths;
    }

    /// <summary>One row a sample, [B, F].</summary>
    /// <param name="batch">Samples B.</param>
    /// <param name="features">Features F of a row.</param>
    /// <exception cref="ArgumentException">A size is not positive.</exception>
    public LossShape(int batch, int features)
        : this(1, batch, features)
    {
    }

    /// <summary>Time steps T.</summary>
    public int Steps { get; }

    /// <summary>Samples B.</summary>
    public int Batch { get; }

    /// <summary>Features F of a row.</summary>
    public int Features { get; }

    /// <summary>Valid steps of each sample; empty when all are T.</summary>
    public ReadOnlySpan<int> Lengths { get; }

    /// <summary>Rows T B.</summary>
    public int Rows => Steps * Batch;

    /// <summary>Rows that count.</summary>
    public int ValidRows
    {
        get
        {
            if (Lengths.IsEmpty)
            {
                return Rows;
            }

            var valid = 0;
            foreach (var length in Lengths)
            {
                valid += length;
            }

            return valid;
        }
    }

    /// <summary>How many rows from this one on are all valid, or all not.</summary>
    internal int Run(int row, out bool valid)
    {
        valid = IsValid(row);
        if (Lengths.IsEmpty)
        {
            return Rows - row;
        }

        var end = row + 1;
        while (end < Rows && IsValid(end) == valid)
        {
            end++;
        }

        return end - row;
    }

    private bool IsValid(int row) => Lengths.IsEmpty || row / Batch < Lengths[row % Batch];
}
