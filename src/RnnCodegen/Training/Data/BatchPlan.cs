namespace RnnCodegen;

/// <summary>
/// One forward and backward pass: which samples, by their places in the epoch's order, and which of their time steps.
/// </summary>
/// <param name="First">Place of the first sample.</param>
/// <param name="Count">Number of samples.</param>
/// <param name="Start">First time step.</param>
/// <param name="Context">Steps at the start that only carry the state and gradient: their losses were counted before.</param>
/// <param name="Steps">Time steps, context included.</param>
/// <param name="Advance">Steps from this start to that of the samples' next pass; 0 where they have none.</param>
internal readonly record struct Portion(int First, int Count, int Start, int Context, int Steps, int Advance)
{
    /// <summary>Whether the recurrent state starts at zero.</summary>
    public bool IsFirst => Start + Context == 0;
}

/// <summary>
/// An epoch as a list of portions. The samples' order is random for training and the set's own for evaluation; with buckets, stretches of
/// it are sorted by length, so that little padding is computed. Made once; planning an epoch allocates nothing after the first.
/// </summary>
internal sealed class BatchPlan
{
    private readonly TrainingSet _set;
    private readonly int _batchSize;
    private readonly int _bucket;
    private readonly Truncation? _truncation;
    private readonly int[] _order;
    private readonly long[] _keys;
    private readonly int[] _starts;
    private readonly List<Portion> _portions = [];

    public BatchPlan(TrainingSet set, TrainingSettings settings, bool evaluates)
    {
        (_set, _batchSize) = (set, Math.Min(settings.BatchSize, set.Count));
        _truncation = evaluates && settings.Truncation is { } t ? new Truncation(t.Steps) : settings.Truncation;
        _order = new int[set.Count];

        // Without an order to respect, the whole set is one bucket.
        _bucket = settings.BucketBatches == 1
            ? 0
            : evaluates ? set.Count
            : (int)Math.Min((long)settings.BucketBatches * _batchSize, set.Count);
        _keys = new long[_bucket];
        _starts = new int[(set.Count + _batchSize - 1) / _batchSize];
    }

    /// <summary>Portions of the epoch.</summary>
    public int Count => _portions.Count;

    /// <summary>Most samples of a portion.</summary>
    public int MaxCount => _batchSize;

    /// <summary>Most time steps of a portion.</summary>
    public int MaxSteps => Math.Min(_set.MaxSteps, _truncation?.Window ?? int.MaxValue);

    /// <summary>Labels of the sample that has most.</summary>
    public int MaxLabels => _set.MaxLabels;

    public Portion this[int portion] => _portions[portion];

    /// <summary>The samples of a portion.</summary>
    public ReadOnlySpan<int> Samples(in Portion portion) => _order.AsSpan(portion.First, portion.Count);

    /// <summary>Plans an epoch: from the set's own order each time, so that equal generators give equal epochs.</summary>
    /// <param name="random">Makes the order, or null to keep the set's own.</param>
    public void Arrange(SeededRandom? random)
    {
        for (var i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        random?.Shuffle(_order);
        for (var start = 0; _bucket > 0 && start < _order.Length; start += _bucket)
        {
            SortByLength(_order.AsSpan(start, Math.Min(_bucket, _order.Length - start)));
        }

        for (var b = 0; b < _starts.Length; b++)
        {
            _starts[b] = b * _batchSize;
        }

        if (_bucket > 0)
        {
            random?.Shuffle(_starts);
        }

        _portions.Clear();
        foreach (var first in _starts)
        {
            AddBatch(first, Math.Min(_batchSize, _order.Length - first));
        }
    }

    private void SortByLength(Span<int> samples)
    {
        // The place keeps samples of equal length in the order they have.
        for (var i = 0; i < samples.Length; i++)
        {
            _keys[i] = ((long)_set[samples[i]].Steps << 32) | (uint)i;
        }

        _keys.AsSpan(0, samples.Length).Sort(samples);
    }

    private void AddBatch(int first, int count)
    {
        var steps = 0;
        foreach (var sample in _order.AsSpan(first, count))
        {
            steps = Math.Max(steps, _set[sample].Steps);
        }

        if (_truncation is null)
        {
            _portions.Add(new Portion(first, count, 0, 0, steps, 0));
            return;
        }

        for (var counted = 0; counted < steps; counted += _truncation.Steps)
        {
            // Full windows end at a multiple of the steps; the last one may end before, and starts no later for that.
            var start = Math.Max(0, counted + _truncation.Steps - _truncation.Window);
            var end = Math.Min(counted + _truncation.Steps, steps);
            var next = end < steps ? Math.Max(0, counted + (2 * _truncation.Steps) - _truncation.Window) : start;
            _portions.Add(new Portion(first, count, start, counted - start, end - start, next - start));
        }
    }
}
