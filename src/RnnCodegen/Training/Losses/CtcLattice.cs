namespace RnnCodegen;

/// <summary>
/// All ways to say a sequence of labels in a number of steps, in log space. With L labels there are S = 2 L + 1 positions: blank, label 0,
/// blank, label 1, ..., blank. A way starts at one of the first two positions, ends at one of the last two, and at each step stays, goes
/// to the next position, or skips a blank between two different labels. The memory grows to what was needed most, and is kept.
/// </summary>
internal sealed class CtcLattice
{
    // log p of the blank and of each label, [T, 1 + L].
    private double[] _logits = [];

    // log of the ways that lead to a position, its own step's probability included, [T, S].
    private double[] _before = [];

    // log of the ways that lead from a position to the end, this step's probability excluded, [S]; of the step at hand and the one after.
    private double[] _after = [];
    private double[] _afterNext = [];

    // Whether the blank in front of a position can be skipped.
    private bool[] _skips = [];
    private int _steps;
    private int _labels;
    private double _loss;

    private int Positions => (2 * _labels) + 1;

    /// <summary>Whether so many steps by the positions of so many labels are what an array holds.</summary>
    public static bool Fits(int steps, int labels) => steps * ((2L * labels) + 1) <= Array.MaxLength;

    /// <summary>Starts with another sample, which must fit.</summary>
    public void Reset(int steps, ReadOnlySpan<int> labels)
    {
        (_steps, _labels) = (steps, labels.Length);
        Grow(ref _logits, steps * (1 + _labels));
        Grow(ref _before, steps * Positions);
        Grow(ref _after, Positions);
        Grow(ref _afterNext, Positions);
        Grow(ref _skips, Positions);
        for (var s = 0; s < Positions; s++)
        {
            _skips[s] = s % 2 == 1 && s > 1 && labels[s / 2] != labels[(s / 2) - 1];
        }
    }

    /// <summary>Tells a step's logits and what to subtract from them for the log of their softmax.</summary>
    public void SetStep(int t, ReadOnlySpan<float> row, ReadOnlySpan<int> labels, int blank, double shift)
    {
        var logits = _logits.AsSpan(t * (1 + _labels), 1 + _labels);
        logits[0] = row[blank] - shift;
        for (var i = 0; i < labels.Length; i++)
        {
            logits[1 + i] = row[labels[i]] - shift;
        }
    }

    /// <summary>-log of the probability of all ways; infinite where there is none.</summary>
    public double Forward()
    {
        var positions = Positions;
        for (var t = 0; t < _steps; t++)
        {
            var now = _before.AsSpan(t * positions, positions);
            var last = t == 0 ? default : _before.AsSpan((t - 1) * positions, positions);
            for (var s = 0; s < positions; s++)
            {
                var ways = t == 0
                    ? (s < 2 ? 0 : double.NegativeInfinity)
                    : AddLogs(last[s], s > 0 ? last[s - 1] : double.NegativeInfinity, _skips[s] ? last[s - 2] : double.NegativeInfinity);
                now[s] = ways + LogOf(t, s);
            }
        }

        if (_steps == 0)
        {
            return _loss = _labels == 0 ? 0 : double.PositiveInfinity;
        }

        var end = _before.AsSpan((_steps - 1) * positions, positions);
        return _loss = -AddLogs(end[^1], positions > 1 ? end[^2] : double.NegativeInfinity, double.NegativeInfinity);
    }

    /// <summary>
    /// Subtracts from each class' gradient the part of all ways that say it at this step, times a scale. To be called after
    /// <see cref="Forward"/> for the last step first, and then for each step before.
    /// </summary>
    public void SubtractShares(int t, ReadOnlySpan<int> labels, int blank, double scale, Span<float> gradient)
    {
        var positions = Positions;
        (_after, _afterNext) = (_afterNext, _after);
        var blanks = 0.0;
        for (var s = 0; s < positions; s++)
        {
            _after[s] = t == _steps - 1
                ? (s >= positions - 2 ? 0 : double.NegativeInfinity)
                : AddLogs(
                    From(s), s + 1 < positions ? From(s + 1) : double.NegativeInfinity,
                    s + 2 < positions && _skips[s + 2] ? From(s + 2) : double.NegativeInfinity);
            var share = Math.Exp(_before[(t * positions) + s] + _after[s] + _loss);
            if (s % 2 == 0)
            {
                blanks += share;
            }
            else
            {
                gradient[labels[s / 2]] -= (float)(share * scale);
            }
        }

        gradient[blank] -= (float)(blanks * scale);

        double From(int s) => _afterNext[s] + LogOf(t + 1, s);
    }

    private double LogOf(int t, int s) => _logits[(t * (1 + _labels)) + (s % 2 == 0 ? 0 : 1 + (s / 2))];

    /// <summary>log(exp(a) + exp(b) + exp(c)).</summary>
    private static double AddLogs(double a, double b, double c)
    {
        var largest = Math.Max(a, Math.Max(b, c));
        return double.IsNegativeInfinity(largest)
            ? largest
            : largest + Math.Log(Math.Exp(a - largest) + Math.Exp(b - largest) + Math.Exp(c - largest));
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[length];
        }
    }
}
