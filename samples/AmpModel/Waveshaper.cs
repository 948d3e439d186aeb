namespace AmpModel;

/// <summary>The baseline: a curve without memory, the polynomial of degree 9 with the least squared error.</summary>
sealed class Waveshaper
{
    private const int Terms = 10;
    private readonly double[] _factors = new double[Terms];

    /// <summary>Fits the curve.</summary>
    public Waveshaper(Pair pair)
    {
        // The normal equations, with the right side as the last column.
        var equations = new double[Terms, Terms + 1];
        var powers = new double[Terms + 1];
        for (var n = 0; n < pair.Dry.Length; n++)
        {
            for (var k = 0; k < Terms; k++)
            {
                powers[k] = k == 0 ? 1 : powers[k - 1] * pair.Dry[n];
            }

            powers[Terms] = pair.Wet[n];
            for (var row = 0; row < Terms; row++)
            {
                for (var column = 0; column <= Terms; column++)
                {
                    equations[row, column] += powers[row] * powers[column];
                }
            }
        }

        Solve(equations);
        for (var k = 0; k < Terms; k++)
        {
            _factors[k] = equations[k, Terms];
        }
    }

    /// <summary>What the curve makes of a recording.</summary>
    public float[] Play(float[] dry) => Array.ConvertAll(dry, sample =>
    {
        var sum = 0.0;
        for (var k = Terms - 1; k >= 0; k--)
        {
            sum = (sum * sample) + _factors[k];
        }

        return (float)sum;
    });

    // Gauss and Jordan; the matrix is positive definite, so no row needs another's place.
    private static void Solve(double[,] equations)
    {
        for (var pivot = 0; pivot < Terms; pivot++)
        {
            for (var column = Terms; column >= pivot; column--)
            {
                equations[pivot, column] /= equations[pivot, pivot];
            }

            for (var row = 0; row < Terms; row++)
            {
                var factor = equations[row, pivot];
                for (var column = pivot; column <= Terms && row != pivot; column++)
                {
                    equations[row, column] -= factor * equations[pivot, column];
                }
            }
        }
    }
}
