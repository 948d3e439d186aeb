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
            throw new ArgumentException($"Expected {batch} lengths, one per sample, got {lengths.Length}.", nameof(lengths));
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

    /// <summary>One row per sample, [B, F].</summary>
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

    /// <summary>Weight of each sample's loss, B numbers; empty when all are 1. A sample of weight 0 is not read.</summary>
    /// <exception cref="ArgumentException">The weights are not B finite numbers that are not negative.</exception>
    public ReadOnlySpan<float> SampleWeights
    {
        get;
        init
        {
            if (!value.IsEmpty && value.Length != Batch)
            {
                throw new ArgumentException($"Expected {Batch} weights, one per sample, got {value.Length}.", nameof(SampleWeights));
            }

            if (LossWeights.FindBad(value) is >= 0 and var bad)
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"Weight {value[bad]} of sample {bad} is not a finite number that is not negative."),
                    nameof(SampleWeights));
            }

            field = value;
        }
    }

    /// <summary>
    /// Weight of each row's loss besides its sample's, [T, B]; empty when all are 1. A row of weight 0 is not read. Rows that do not count
    /// have any weight.
    /// </summary>
    /// <exception cref="ArgumentException">The weights are not T B finite numbers that are not negative.</exception>
    public ReadOnlySpan<float> StepWeights
    {
        get;
        init
        {
            if (!value.IsEmpty && value.Length != Rows)
            {
                throw new ArgumentException($"Expected {Rows} weights, one per row, got {value.Length}.", nameof(StepWeights));
            }

            if (LossWeights.FindBad(value) is >= 0 and var bad)
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"Weight {value[bad]} of {Place(bad)} is not a finite number that is not negative."),
                    nameof(StepWeights));
            }

            field = value;
        }
    }

    /// <summary>Rows T B.</summary>
    public int Rows => Steps * Batch;

    /// <summary>Rows that count, whatever their weights.</summary>
    public int ValidRows
    {
        get
        {
            var valid = 0;
            for (var b = 0; b < Batch; b++)
            {
                var (start, end) = StepsOf(b);
                valid += end - start;
            }

            return valid;
        }
    }

    /// <summary>Which of the valid steps count; a loss puts its own here before it does anything.</summary>
    internal LossWindow Window { get; init; }

    /// <summary>The number of the first sample, for error messages about a part of a set.</summary>
    internal int FirstSample { get; init; }

    /// <summary>A sample's steps that count: from Start until before End.</summary>
    /// <param name="sample">The sample, from 0 to B - 1.</param>
    public (int Start, int End) StepsOf(int sample) => Window.Of(Lengths.IsEmpty ? Steps : Lengths[sample]);

    /// <summary>Weight of a sample's loss.</summary>
    /// <param name="sample">The sample, from 0 to B - 1.</param>
    public float WeightOf(int sample) => SampleWeights.IsEmpty ? 1 : SampleWeights[sample];

    /// <summary>Weight of a row's loss: its sample's times its step's; 0 where it does not count.</summary>
    /// <param name="sample">The sample, from 0 to B - 1.</param>
    /// <param name="step">The step, from 0 to T - 1.</param>
    public float WeightOf(int sample, int step) => WeightOfRow((step * Batch) + sample);

    /// <summary>How many rows from this one on have the same weight; it is 0 where a row does not count.</summary>
    internal int Run(int row, out float weight)
    {
        weight = WeightOfRow(row);
        if (Lengths.IsEmpty && SampleWeights.IsEmpty && StepWeights.IsEmpty)
        {
            // The same steps of all samples count.
            var (start, end) = Window.Of(Steps);
            var step = row / Batch;
            var next = step < start ? start : step < end ? end : Steps;
            return (next * Batch) - row;
        }

        var last = row + 1;
        while (last < Rows && WeightOfRow(last) == weight)
        {
            last++;
        }

        return last - row;
    }

    /// <summary>Where a row is, for error messages.</summary>
    internal string Place(int row) => $"step {row / Batch} of sample {FirstSample + (row % Batch)}";

    private float WeightOfRow(int row)
    {
        var (step, sample) = Math.DivRem(row, Batch);
        var (start, end) = StepsOf(sample);
        return step >= start && step < end ? WeightOf(sample) * (StepWeights.IsEmpty ? 1 : StepWeights[row]) : 0;
    }
}
