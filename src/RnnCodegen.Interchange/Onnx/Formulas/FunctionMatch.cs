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

    // Neighbours among the points have other signs, and so have points that stand an odd number apart.
    private const int FewestPoints = 8;
    private const int Stride = 7;

    /// <summary>Beyond this an exponential that a function is spelled with may be too large for a number.</summary>
    public const double Large = 30;

    private static readonly double[] s_points =
    [
        0, 1e-6, -1e-6, 1e-3, -1e-3, 0.05, -0.05, 0.3, -0.3, 0.7, -0.7, 1, -1, 1.4, -1.4, 2, -2, 2.4, -2.4, 2.6, -2.6, 2.9, -2.9, 3.1, -3.1,
        4, -4, 5.9, -5.9, 6.1, -6.1, 9, -9, 15, -15, Large, -Large, 1e2, -1e2, 1e3, -1e3, 1e4, -1e4, 1e6, -1e6,
    ];

    /// <summary>Where functions are compared.</summary>
    public static IReadOnlyList<double> Points => s_points;

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
            if (pairs.All(p => (Math.Abs(p.X) > Large && !double.IsFinite(p.Y)) || IsNear(p.Y, own.Of(p.X))))
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

        // Bounds would show in rows alone of which one value is far from all others.
        bool IsBound(Formula f) => f is MapFormula { Function.Op: "Clip" } or PairFormula { Op: PairOp.Smaller or PairOp.Larger };

        foreach (var candidate in Candidates(formula)
            .Where(c => c.Width == formula.Width && !Formula.Needed([formula], f => f == c).Exists(f => f != c && IsBound(f))))
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
    private static double[]? Evaluate(List<Formula> order, Formula formula, Formula given, double[] values) =>
        Evaluate(order, formula, new Dictionary<Formula, double[]> { [given] = values });

    /// <summary>A formula's values where others have given ones; null where it reads anything beside those.</summary>
    /// <param name="order">What it is made of, down to those.</param>
    /// <param name="formula">The formula.</param>
    /// <param name="known">The values of those, to which the others' are added.</param>
    public static double[]? Evaluate(List<Formula> order, Formula formula, Dictionary<Formula, double[]> known)
    {
        foreach (var next in order)
        {
            if (known.ContainsKey(next))
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

        // Every value is tried at several points of either sign, because a constant may differ for one of them alone.
        var rounds = Math.Max(FewestPoints, (s_points.Length + formula.Width - 1) / formula.Width);
        for (var round = 0; round < rounds; round++)
        {
            var x = new double[formula.Width];
            for (var k = 0; k < x.Length; k++)
            {
                x[k] = s_points[(k + (round * (formula.Width < s_points.Length ? formula.Width : Stride))) % s_points.Length];
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
