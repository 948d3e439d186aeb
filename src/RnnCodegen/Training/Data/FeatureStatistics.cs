namespace RnnCodegen;

/// <summary>Mean, deviation and range of each feature of rows, in double precision (Welford, 1962).</summary>
internal sealed class FeatureStatistics(int size)
{
    private readonly double[] _mean = new double[size];
    private readonly double[] _squares = new double[size];
    private readonly float[] _least = Filled(size, float.PositiveInfinity);
    private readonly float[] _greatest = Filled(size, float.NegativeInfinity);
    private readonly long[] _count = new long[size];

    /// <summary>Adds rows; NaN is left out.</summary>
    public void Add(ReadOnlySpan<float> rows)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            var (x, k) = (rows[i], i % size);
            if (float.IsNaN(x))
            {
                continue;
            }

            var before = x - _mean[k];
            _mean[k] += before / ++_count[k];
            _squares[k] += before * (x - _mean[k]);
            (_least[k], _greatest[k]) = (Math.Min(_least[k], x), Math.Max(_greatest[k], x));
        }
    }

    /// <summary>The scale of what was added; a feature that never changes has the divisor 1.</summary>
    public FeatureScale Scale(FeatureScaling scaling, string what)
    {
        var (offsets, divisors) = (new float[size], new float[size]);
        for (var k = 0; k < size; k++)
        {
            if (_count[k] == 0)
            {
                throw new ArgumentException($"{what} {k} is unknown in all samples that count, and has nothing to scale by.");
            }

            var (offset, divisor) = scaling == FeatureScaling.MinAndMax
                ? (_least[k], (double)_greatest[k] - _least[k])
                : ((float)_mean[k], Math.Sqrt(_squares[k] / _count[k]));
            var rounded = (float)divisor;
            if (!float.IsFinite(offset) || !float.IsFinite(rounded))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"{what} {k} goes from {_least[k]} to {_greatest[k]}, too far to scale."));
            }

            (offsets[k], divisors[k]) = (offset, _least[k] == _greatest[k] || rounded == 0 ? 1 : rounded);
        }

        return new FeatureScale(scaling, offsets, divisors);
    }

    private static float[] Filled(int size, float value)
    {
        var values = new float[size];
        values.AsSpan().Fill(value);
        return values;
    }
}
