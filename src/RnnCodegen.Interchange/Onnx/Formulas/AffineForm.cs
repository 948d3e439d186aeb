namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>A formula as a sum: matrices times formulas that are no sums, and a bias.</summary>
/// <param name="Terms">The summands.</param>
/// <param name="Bias">What is added to them.</param>
internal sealed record AffineForm(IReadOnlyList<AffineTerm> Terms, double[] Bias)
{
    /// <summary>Whether it is a formula as it is.</summary>
    public bool IsTrivial => Terms is [{ IsWhole: true }] && Array.TrueForAll(Bias, b => b == 0);

    /// <summary>The form of a formula.</summary>
    /// <param name="root">The formula.</param>
    /// <param name="isAtom">Formulas that are taken as they are.</param>
    public static AffineForm Of(Formula root, Func<Formula, bool> isAtom)
    {
        var forms = new Dictionary<Formula, AffineForm>();

        // What lies behind a formula that is no sum does not matter.
        foreach (var formula in Formula.Needed([root], f => isAtom(f) || !IsSum(f)))
        {
            forms[formula] = isAtom(formula) || !IsSum(formula)
                ? formula is ConstantFormula constant && !isAtom(formula)
                    ? new AffineForm([], constant.Values)
                    : new AffineForm([AffineTerm.Whole(formula)], new double[formula.Width])
                : Of(formula, forms);
        }

        return forms[root];
    }

    private static bool IsSum(Formula formula) => formula switch
    {
        PickFormula or JoinFormula or ProductFormula => true,
        PairFormula pair => pair.Op is PairOp.Add or PairOp.Subtract
            || (pair.Op == PairOp.Multiply && pair.Arguments.Any(a => a is ConstantFormula)),
        _ => false,
    };

    private static AffineForm Of(Formula formula, Dictionary<Formula, AffineForm> forms)
    {
        AffineForm[] own = [.. formula.Arguments.Select(a => forms[a])];
        switch (formula)
        {
            case PickFormula pick:
                return new([.. own[0].Terms.Select(t => t.Rows(pick.Places))], Array.ConvertAll(pick.Places, p => own[0].Bias[p]));
            case ProductFormula product:
                return new(Merged(own[0].Terms.Select(t => t.Times(product.Matrix))), product.Evaluate([own[0].Bias]));
            case JoinFormula:
                var (terms, first) = (new List<AffineTerm>(), 0);
                foreach (var (part, form) in formula.Arguments.Zip(own))
                {
                    var places = Enumerable.Repeat(-1, formula.Width).ToArray();
                    for (var k = 0; k < part.Width; k++)
                    {
                        places[first + k] = k;
                    }

                    terms.AddRange(form.Terms.Select(t => t.Rows(places)));
                    first += part.Width;
                }

                return new(Merged(terms), [.. own.SelectMany(o => o.Bias)]);
            case PairFormula { Op: PairOp.Multiply } scaled:
                var factors = ((ConstantFormula)scaled.Arguments.First(a => a is ConstantFormula)).Values;
                var other = scaled.Arguments[0] is ConstantFormula ? own[1] : own[0];
                return new([.. other.Terms.Select(t => t.Scaled(factors))], [.. other.Bias.Zip(factors, (b, f) => b * f)]);
            default:
                var sign = ((PairFormula)formula).Op == PairOp.Add ? 1 : -1;
                var minus = Enumerable.Repeat((double)sign, formula.Width).ToArray();
                return new(Merged(own[0].Terms.Concat(own[1].Terms.Select(t => sign > 0 ? t : t.Scaled(minus)))),
                    [.. own[0].Bias.Zip(own[1].Bias, (x, y) => x + (sign * y))]);
        }
    }

    /// <summary>Terms of one formula are one, matrices apart from values that stay where they are.</summary>
    private static IReadOnlyList<AffineTerm> Merged(IEnumerable<AffineTerm> terms) =>
        [.. terms.GroupBy(t => (t.Atom, IsMatrix: t.Matrix is not null || !t.IsInPlace))
            .Select(g => g.Count() == 1 ? g.First() : g.Aggregate((a, b) => g.Key.IsMatrix ? a.PlusMatrix(b) : a.PlusScale(b)))];
}

/// <summary>A matrix times a formula: a dense one, or one that has at most one number in each row.</summary>
/// <param name="Atom">The formula.</param>
/// <param name="Matrix">The dense matrix [rows, width]; null for the other kind.</param>
/// <param name="Places">For each row, the place of its value in the formula; -1 for none.</param>
/// <param name="Scale">For each row, the factor of its value.</param>
internal sealed record AffineTerm(Formula Atom, double[]? Matrix, int[] Places, double[] Scale)
{
    public int Height => Matrix is null ? Places.Length : Matrix.Length / Atom.Width;

    /// <summary>Whether every value stays at its place.</summary>
    public bool IsInPlace => Matrix is null && Places.Length == Atom.Width && Places.Select((p, k) => p == k).All(same => same);

    /// <summary>Whether it is the formula itself.</summary>
    public bool IsWhole => IsInPlace && Array.TrueForAll(Scale, s => s == 1);

    public static AffineTerm Whole(Formula atom) => new(atom, null, [.. Enumerable.Range(0, atom.Width)],
        [.. Enumerable.Repeat(1.0, atom.Width)]);

    /// <summary>The matrix, whatever its kind, a row for each value.</summary>
    public double[] ToMatrix()
    {
        if (Matrix is not null)
        {
            return Matrix;
        }

        var result = new double[(long)Places.Length * Atom.Width];
        for (var row = 0; row < Places.Length; row++)
        {
            if (Places[row] >= 0)
            {
                result[(row * Atom.Width) + Places[row]] = Scale[row];
            }
        }

        return result;
    }

    /// <summary>Some of the rows; zeros where a place is -1.</summary>
    public AffineTerm Rows(int[] rows) => Matrix is null
        ? this with
        {
            Places = Array.ConvertAll(rows, r => r < 0 ? -1 : Places[r]), Scale = Array.ConvertAll(rows, r => r < 0 ? 0 : Scale[r]),
        }
        : this with { Matrix = [.. rows.SelectMany(r => r < 0 ? new double[Atom.Width] : Row(r))] };

    public AffineTerm Scaled(double[] factors) => Matrix is null
        ? this with { Scale = [.. Scale.Zip(factors, (s, f) => s * f)] }
        : this with { Matrix = [.. Matrix.Select((m, k) => m * factors[k / Atom.Width])] };

    /// <summary>A matrix times this.</summary>
    public AffineTerm Times(float[] left)
    {
        var (height, width) = (left.Length / Height, Atom.Width);
        var result = new double[(long)height * width];
        for (var row = 0; row < height; row++)
        {
            for (var k = 0; k < Height; k++)
            {
                var factor = (double)left[(row * Height) + k];
                if (factor == 0)
                {
                    continue;
                }

                if (Matrix is null)
                {
                    if (Places[k] >= 0)
                    {
                        result[(row * width) + Places[k]] += factor * Scale[k];
                    }

                    continue;
                }

                for (var column = 0; column < width; column++)
                {
                    result[(row * width) + column] += factor * Matrix[(k * width) + column];
                }
            }
        }

        return this with { Matrix = result, Places = [], Scale = [] };
    }

    public AffineTerm PlusMatrix(AffineTerm other) =>
        this with { Matrix = [.. ToMatrix().Zip(other.ToMatrix(), (a, b) => a + b)], Places = [], Scale = [] };

    public AffineTerm PlusScale(AffineTerm other) => this with { Scale = [.. Scale.Zip(other.Scale, (a, b) => a + b)] };

    private double[] Row(int row) => Matrix.AsSpan(row * Atom.Width, Atom.Width).ToArray();
}
