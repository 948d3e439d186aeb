namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>
/// Makes formulas, so that equal ones are one object: places are picked where values come from, constants are computed, and what changes
/// nothing is left out.
/// </summary>
internal sealed class FormulaGraph
{
    // Numbers in all matrices and lists of places: a few times as many as any model of steps has.
    private const long MostNumbers = 1 << 26;

    // No step has as many operators one behind the other.
    private const int MostDepth = 2000;

    private readonly Dictionary<Key, Formula> _formulas = [];
    private long _numbers;

    public Formula Leaf(object source, int width) => Intern(new Key("Leaf", -1, -1, source), id => new LeafFormula(id, width, source));

    public Formula Constant(double[] values)
    {
        Spend(values.Length);
        return Intern(new Key("Constant", -1, -1, values), id => new ConstantFormula(id, values));
    }

    /// <summary>Values from places of another one.</summary>
    public Formula Pick(Formula source, int[] places)
    {
        Spend(places.Length);
        if (places.Length == source.Width && places.Select((p, k) => p == k).All(same => same))
        {
            return source;
        }

        switch (source)
        {
            case ConstantFormula constant:
                return Constant(Array.ConvertAll(places, p => constant.Values[p]));
            case PickFormula pick:
                return Pick(pick.Arguments[0], Array.ConvertAll(places, p => pick.Places[p]));
            case JoinFormula join:
                return PickOfJoin(join, places);
        }

        // Values that occur twice are computed once.
        if (places.Distinct().Count() == places.Length)
        {
            switch (source)
            {
                case ProductFormula product:
                    var width = product.Arguments[0].Width;
                    return Product(product.Arguments[0],
                        [.. places.SelectMany(p => product.Matrix.AsSpan(p * width, width).ToArray())]);
                case MapFormula map:
                    return Map(map.Function, Pick(map.Arguments[0], places));
                case PairFormula pair:
                    return Pair(pair.Op, Pick(pair.Arguments[0], places), Pick(pair.Arguments[1], places));
            }
        }

        return Intern(new Key("Pick", source.Id, -1, places), id => new PickFormula(id, source, places));
    }

    /// <summary>Formulas one behind the other.</summary>
    public Formula Join(IReadOnlyList<Formula> parts)
    {
        var flat = new List<Formula>();
        foreach (var part in parts.Where(p => p.Width > 0).SelectMany(p => p is JoinFormula join ? join.Arguments : [p]))
        {
            // Neighbours that are picked from one source are one part.
            if (flat.Count > 0 && Origin(flat[^1]) is var (a, from) && Origin(part) is var (b, next) && a == b && a is not ConstantFormula)
            {
                flat[^1] = Pick(a, [.. from, .. next]);
            }
            else if (flat.Count > 0 && flat[^1] is ConstantFormula x && part is ConstantFormula y)
            {
                flat[^1] = Constant([.. x.Values, .. y.Values]);
            }
            else
            {
                flat.Add(part);
            }
        }

        return flat switch
        {
            [] => Constant([]),
            [var only] => only,
            _ => Intern(new Key("Join", -1, -1, flat.Select(p => p.Id).ToArray()), id => new JoinFormula(id, [.. flat])),
        };
    }

    /// <summary>A matrix [rows, width] times a formula.</summary>
    public Formula Product(Formula source, float[] matrix)
    {
        Spend(matrix.Length);
        return source is ConstantFormula constant
            ? Constant(new ProductFormula(-1, source, matrix).Evaluate([constant.Values]))
            : Intern(new Key("Product", source.Id, -1, matrix), id => new ProductFormula(id, source, matrix));
    }

    public Formula Map(ScalarFunction function, Formula a) => a is ConstantFormula constant
        ? Constant(Array.ConvertAll(constant.Values, function.Of))
        : Intern(new Key(function.Op, a.Id, -1, function), id => new MapFormula(id, function, a));

    public Formula Pair(PairOp op, Formula a, Formula b)
    {
        if (a is ConstantFormula x && b is ConstantFormula y)
        {
            return Constant([.. x.Values.Zip(y.Values, (p, q) => PairFormula.Of(op, p, q))]);
        }

        switch (op, a, b)
        {
            case (PairOp.Add, _, ConstantFormula c) when IsAll(c, 0):
            case (PairOp.Subtract, _, ConstantFormula s) when IsAll(s, 0):
            case (PairOp.Multiply or PairOp.Divide or PairOp.Power, _, ConstantFormula f) when IsAll(f, 1):
                return a;
            case (PairOp.Add, ConstantFormula c, _) when IsAll(c, 0):
            case (PairOp.Multiply, ConstantFormula f, _) when IsAll(f, 1):
                return b;
            case (PairOp.Multiply, _, ConstantFormula z) when IsAll(z, 0):
                return b;
            case (PairOp.Multiply, ConstantFormula z, _) when IsAll(z, 0):
                return a;
            case (PairOp.Subtract, _, ConstantFormula c):
                return Pair(PairOp.Add, a, Constant(Array.ConvertAll(c.Values, v => -v)));
            case (PairOp.Divide, _, ConstantFormula c):
                return Pair(PairOp.Multiply, a, Constant(Array.ConvertAll(c.Values, v => 1 / v)));
            case (PairOp.Divide, ConstantFormula c, _):
                return Pair(PairOp.Multiply, a, Map(new ScalarFunction("Reciprocal"), b));
            case (PairOp.Power, _, ConstantFormula c) when IsAll(c, 2):
                return Pair(PairOp.Multiply, a, a);
            case (PairOp.Power, _, ConstantFormula c) when IsAll(c, 0.5):
                return Map(new ScalarFunction("Sqrt"), a);
            case (PairOp.Power, _, ConstantFormula { Values: [var exponent, ..] } c) when IsAll(c, exponent):
                return Map(new ScalarFunction("Pow", exponent), a);
        }

        if (a.Id > b.Id && op is PairOp.Add or PairOp.Multiply or PairOp.Smaller or PairOp.Larger)
        {
            (a, b) = (b, a);
        }

        return Intern(new Key($"{op}", a.Id, b.Id, null), id => new PairFormula(id, op, a, b));
    }

    private static bool IsAll(ConstantFormula constant, double value) =>
        constant.Width > 0 && Array.TrueForAll(constant.Values, v => v == value);

    private static (Formula Source, int[] Places) Origin(Formula formula) =>
        formula is PickFormula pick ? (pick.Arguments[0], pick.Places) : (formula, [.. Enumerable.Range(0, formula.Width)]);

    private Formula PickOfJoin(JoinFormula join, int[] places)
    {
        var starts = new int[join.Arguments.Count];
        for (var k = 1; k < starts.Length; k++)
        {
            starts[k] = starts[k - 1] + join.Arguments[k - 1].Width;
        }

        var parts = new List<Formula>();
        for (var first = 0; first < places.Length;)
        {
            var part = PartOf(places[first]);
            var end = first;
            while (end < places.Length && PartOf(places[end]) == part)
            {
                end++;
            }

            parts.Add(Pick(join.Arguments[part], Array.ConvertAll(places[first..end], p => p - starts[part])));
            first = end;
        }

        return Join(parts);

        int PartOf(int place) => Array.BinarySearch(starts, place) is >= 0 and var exact
            ? Array.FindLastIndex(starts, s => s == starts[exact])
            : ~Array.BinarySearch(starts, place) - 1;
    }

    /// <summary>Refuses to make as many numbers as these.</summary>
    public void Require(long numbers)
    {
        if (numbers > MostNumbers - _numbers)
        {
            Spend(MostNumbers);
        }
    }

    private void Spend(long numbers)
    {
        _numbers += numbers;
        if (_numbers > MostNumbers)
        {
            throw new RefusalException("what the graph computes in a step takes more numbers than any model of steps has");
        }
    }

    private Formula Intern(Key key, Func<int, Formula> make)
    {
        if (!_formulas.TryGetValue(key, out var formula))
        {
            formula = make(_formulas.Count);
            if (formula.Depth > MostDepth)
            {
                throw new RefusalException($"what the graph computes in a step is nested deeper than {MostDepth} operators");
            }

            _formulas.Add(key, formula);
        }

        return formula;
    }

    /// <summary>What makes two formulas one.</summary>
    private readonly record struct Key(string Kind, int A, int B, object? More) : IEquatable<Key>
    {
        public bool Equals(Key other) => Kind == other.Kind && A == other.A && B == other.B && (More, other.More) switch
        {
            (int[] x, int[] y) => x.AsSpan().SequenceEqual(y),
            (float[] x, float[] y) => x.AsSpan().SequenceEqual(y),
            (double[] x, double[] y) => x.AsSpan().SequenceEqual(y),
            var (x, y) => Equals(x, y),
        };

        public override int GetHashCode() => HashCode.Combine(Kind, A, B, More switch
        {
            int[] x => HashCode.Combine(x.Length, x.Length > 0 ? x[0] : 0, x.Length > 0 ? x[^1] : 0),
            float[] x => HashCode.Combine(x.Length, x.Length > 0 ? x[0] : 0, x.Length > 0 ? x[^1] : 0),
            double[] x => HashCode.Combine(x.Length, x.Length > 0 ? x[0] : 0, x.Length > 0 ? x[^1] : 0),
            var other => other?.GetHashCode() ?? 0,
        });
    }
}
