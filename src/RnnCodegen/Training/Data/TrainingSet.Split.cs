namespace RnnCodegen;

/// <content>Parts of a set. They share its memory.</content>
public sealed partial class TrainingSet
{
    /// <summary>Some of the samples, e.g. of a fold of a cross-validation; the memory is shared.</summary>
    /// <param name="samples">Their places in this set, in the order wanted; a sample may be there more than once.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public TrainingSet Subset(IEnumerable<int> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var subset = new TrainingSet(_inputSize);
        foreach (var sample in samples)
        {
            if ((uint)sample >= (uint)Count)
            {
                throw new ArgumentOutOfRangeException(nameof(samples), sample, $"The set has the samples 0 to {Count - 1}.");
            }

            subset.Add(_samples[sample], TargetKind);
        }

        return subset;
    }

    /// <summary>
    /// Divides the samples at random into those to train with and those to validate with. Where samples belong together (windows of one
    /// recording, recordings of one person), use <see cref="SplitByGroup"/> or <see cref="SplitInOrder"/>: a model that has seen a sample's
    /// neighbour is not tested by it.
    /// </summary>
    /// <param name="validation">Part of the samples to validate with, above 0 and below 1; at least one sample, and not all.</param>
    /// <param name="seed">Seed of the choice.</param>
    /// <returns>Both sets, each in this set's order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part is not between 0 and 1.</exception>
    /// <exception cref="InvalidOperationException">The set has fewer than two samples.</exception>
    public (TrainingSet Training, TrainingSet Validation) Split(double validation, int seed)
    {
        var count = CountOf(validation);
        int[] order = [.. Enumerable.Range(0, Count)];
        new SeededRandom((ulong)seed).Shuffle(order);
        return (Subset(order.Skip(count).Order()), Subset(order.Take(count).Order()));
    }

    /// <summary>Takes the first samples to train with and the last to validate with, as a series of time demands it.</summary>
    /// <param name="validation">Part of the samples to validate with, above 0 and below 1; at least one sample, and not all.</param>
    /// <param name="gap">
    /// Samples between the two that are left out, so that windows that overlap share no step; they come off those to train with.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not between 0 and 1, or the gap is negative.</exception>
    /// <exception cref="InvalidOperationException">The set has too few samples.</exception>
    public (TrainingSet Training, TrainingSet Validation) SplitInOrder(double validation, int gap = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(gap);
        var count = CountOf(validation);
        var training = Count - count - gap;
        return training > 0
            ? (Subset(Enumerable.Range(0, training)), Subset(Enumerable.Range(Count - count, count)))
            : throw new InvalidOperationException(
                $"Of {Count} samples {count} are to validate with and {gap} to leave out, which leaves none to train with.");
    }

    /// <summary>
    /// Divides the samples at random by groups, such as patients or recordings: no group is in both parts. Groups in random order go to the
    /// validation set as long as each brings its size closer to what is wanted.
    /// </summary>
    /// <typeparam name="TGroup">What tells groups apart, e.g. a name or number.</typeparam>
    /// <param name="groups">The group of each sample.</param>
    /// <param name="validation">
    /// Part of the samples to validate with, above 0 and below 1, as closely as whole groups allow; at least one group, and not all.
    /// </param>
    /// <param name="seed">Seed of the choice.</param>
    /// <returns>Both sets, each in this set's order.</returns>
    /// <exception cref="ArgumentException">There are not as many groups given as samples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part is not between 0 and 1.</exception>
    /// <exception cref="InvalidOperationException">There are fewer than two different groups.</exception>
    public (TrainingSet Training, TrainingSet Validation) SplitByGroup<TGroup>(
        IReadOnlyList<TGroup> groups, double validation, int seed)
        where TGroup : notnull
    {
        ArgumentNullException.ThrowIfNull(groups);
        if (groups.Count != Count)
        {
            throw new ArgumentException($"There are {groups.Count} groups given, but {Count} samples; each has one.", nameof(groups));
        }

        var wanted = CountOf(validation);
        int[][] members = [.. Enumerable.Range(0, Count).GroupBy(i => groups[i]).Select(group => group.ToArray())];
        if (members.Length < 2)
        {
            throw new InvalidOperationException("All samples are of one group, which cannot be divided; use Split or SplitInOrder.");
        }

        int[] order = [.. Enumerable.Range(0, members.Length)];
        new SeededRandom((ulong)seed).Shuffle(order);
        var chosen = new HashSet<int>();
        var taken = 0;
        foreach (var group in order)
        {
            // Closer with it than without it.
            var size = members[group].Length;
            if (chosen.Count < order.Length - 1 && Math.Abs(taken + size - wanted) < Math.Abs(taken - wanted))
            {
                chosen.Add(group);
                taken += size;
            }
        }

        if (chosen.Count == 0)
        {
            chosen.Add(order.MinBy(group => members[group].Length));
        }

        return (
            Subset(order.Where(group => !chosen.Contains(group)).SelectMany(group => members[group]).Order()),
            Subset(chosen.SelectMany(group => members[group]).Order()));
    }

    /// <summary>A set of samples that are made of these, with as many steps and targets of the same kind.</summary>
    internal TrainingSet Map(Func<TrainingSample, TrainingSample> make)
    {
        var set = new TrainingSet(_inputSize);
        foreach (var sample in _samples)
        {
            set.Add(make(sample), TargetKind);
        }

        return set;
    }

    private int CountOf(double part)
    {
        if (!(part > 0 && part < 1))
        {
            throw new ArgumentOutOfRangeException("validation", part, "The part to validate with must be above 0 and below 1.");
        }

        return Count >= 2
            ? Math.Clamp((int)Math.Round(part * Count), 1, Count - 1)
            : throw new InvalidOperationException($"The set has {Count} samples; two parts need two.");
    }
}
