namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>
/// Finds what a formula is by its values: an activation of one formula, or the normalisation of one. However it is spelled, it is what it
/// computes; what it is taken for has the same values at many points, from very small ones to very large ones.
/// </summary>
internal static class FunctionMatch
{
    /// <summary>What may differ: the file's constants are rounded to float.</summary>
    private const double Tolerance = 2e-6;

    // How far back what a function is of is looked for.
    private const int MostCandidates = 40;

    /// <summary>Where functions are compared.</summary>
    public static IReadOnlyList<double> Points => s_points;

    private static readonly double[] s_points =
    [
        0, 1e-6, -1e-6, 1e-3, -1e-3, 0.05, -0.05, 0.3, -0.3, 0.7, -0.7, 1, -1, 1.4, -1.4, 2, -2, 2.4, -2.4, 2.6, -2.6, 2.9, -2.9, 3.1, -3.1,
        4, -4, 5.9, -5.9, 6.1, -6.1, 9, -9, 15, -15, 30, -30,
    ];

    /// <summary>The activation that a formula is of another; null where it is none.</summary>
    public static (Formula Of, Activation Function, float Alpha)? Activation(Formula formula)
    {
        foreach (var candidate in Candidates(formula))
        {
            if (candidate.Width == formula.Width && Values(formula, candidate) is { } pairs && Function(pairs) is { } found)
            {
                return (candidate, found.Function, found.Alpha);
            }
        }

        return null;
    }

    /// <summary>The activation that has given values; null where none has.</summary>
    /// <param name="pairs">Arguments and values.</param>
    public static (Activation Function, float Alpha)? Function(IReadOnlyList<(double X, double Y)> pairs)
    {
        foreach (var function in Enum.GetValues<Activation>())
        {
            var alpha = AlphaOf(function, pairs);
            var own = ScalarFunction.Of(function, alpha);
            if (pairs.All(p => IsNear(p.Y, own.Of(p.X))))
            {
                return (function, alpha == ActivationNames.AlphaOf(function, float.NaN) ? float.NaN : alpha);
            }
        }

        return null;
    }

    /// <summary>
    /// The formula that another is the normalisation of, with its scale, shift and epsilon: (x - mean) / sqrt(variance + epsilon), scaled
    /// and shifted; null where it is none.
    /// </summary>
    public static (Formula Of, float[] Scale, float[] Shift, float Epsilon)? Normalisation(Formula formula)
    {
        var epsilons = Formula.Needed([formula]).OfType<ConstantFormula>().SelectMany(c => c.Values.Distinct().Take(2))
            .Where(v => v is > 0 and < 0.1).Distinct().Take(MostCandidates).ToList();
        if (formula.Width < 2 || epsilons.Count == 0)
        {
            return null;
        }

        foreach (var candidate in Candidates(formula).Where(c => c.Width == formula.Width))
        {
            foreach (var epsilon in epsilons)
            {
                if (Normalisation(formula, candidate, epsilon) is { } found)
                {
                    return (candidate, found.Scale, found.Shift, (float)epsilon);
                }
            }
        }

        return null;
    }

    public static bool IsNear(double a, double b) => Math.Abs(a - b) <= Tolerance * Math.Max(1, Math.Max(Math.Abs(a), Math.Abs(b)));

    /// <summary>What a formula may be a function of, the nearest first.</summary>
    private static IEnumerable<Formula> Candidates(Formula formula) =>
        Formula.Needed([formula]).Where(f => f != formula && f is not ConstantFormula).Reverse().Take(MostCandidates);

    /// <summary>A formula's values where another one has given ones; null where it reads anything beside that.</summary>
    private static double[]? Evaluate(List<Formula> order, Formula formula, Formula given, double[] values)
    {
        var known = new Dictionary<Formula, double[]> { [given] = values };
        foreach (var next in order)
        {
            if (next == given)
            {
                continue;
            }

            if (next is LeafFormula)
            {
                return null;
            }

            known[next] = next.Evaluate([.. next.Arguments.Select(a => known[a])]);
        }

        return known[formula];
    }

    private static List<(double X, double Y)>? Values(Formula formula, Formula candidate)
    {
        var order = Formula.Needed([formula], f => f == candidate);
        var pairs = new List<(double, double)>();
        for (var first = 0; first < s_points.Length; first += formula.Width)
        {
            var x = new double[formula.Width];
            for (var k = 0; k < x.Length; k++)
            {
                x[k] = s_points[(first + k) % s_points.Length];
            }

            if (Evaluate(order, formula, candidate, x) is not { } y)
            {
                return null;
            }

            pairs.AddRange(x.Zip(y));
        }

        return pairs;
    }

    /// <summary>The alpha of a function that has one, from its value at a negative point.</summary>
    private static float AlphaOf(Activation function, IReadOnlyList<(double X, double Y)> pairs)
    {
        var (x, y) = pairs.FirstOrDefault(p => p.X == -1);
        return function switch
        {
            RnnCodegen.Activation.LeakyRelu when x == -1 && -y > 0 => (float)-y,
            RnnCodegen.Activation.Elu when x == -1 && y < 0 => (float)(y / (Math.Exp(-1) - 1)),
            _ => float.NaN,
        };
    }

    private static (float[] Scale, float[] Shift)? Normalisation(Formula formula, Formula candidate, double epsilon)
    {
        var (order, width) = (Formula.Needed([formula], f => f == candidate), formula.Width);
        var random = new Random(1);

        // The deviations go from far above the epsilon's root to far below it.
        double[] sizes = [1, 30, Math.Sqrt(epsilon), Math.Sqrt(epsilon) / 20, 1];
        var (normal, values) = (new double[sizes.Length][], new double[sizes.Length][]);
        for (var row = 0; row < sizes.Length; row++)
        {
            var x = Enumerable.Range(0, width).Select(_ => sizes[row] * ((2 * random.NextDouble()) - 1)).ToArray();
            var mean = x.Average();
            var inverse = 1 / Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + epsilon);
            normal[row] = Array.ConvertAll(x, v => (v - mean) * inverse);
            if (Evaluate(order, formula, candidate, x) is not { } y || !Array.TrueForAll(y, double.IsFinite))
            {
                return null;
            }

            values[row] = y;
        }

        var (scale, shift) = (new float[width], new float[width]);
        for (var k = 0; k < width; k++)
        {
            // Two rows say scale and shift, the others whether they are that.
            var steep = Math.Abs(normal[0][k] - normal[1][k]) > 0.05 ? (0, 1) : (0, 4);
            var difference = normal[steep.Item1][k] - normal[steep.Item2][k];
            var slope = difference == 0 ? 0 : (values[steep.Item1][k] - values[steep.Item2][k]) / difference;
            var start = values[0][k] - (slope * normal[0][k]);
            if (Enumerable.Range(0, sizes.Length).Any(row => Math.Abs(values[row][k] - start - (slope * normal[row][k])) > 1e-5))
            {
                return null;
            }

            (scale[k], shift[k]) = ((float)slope, (float)start);
        }

        return (scale, shift);
    }
}
