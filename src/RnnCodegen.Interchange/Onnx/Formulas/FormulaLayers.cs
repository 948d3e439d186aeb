namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>Makes layers that compute formulas: of products, functions, normalisations and sums, whatever operators spell them.</summary>
/// <param name="graph">The graph that gets the layers.</param>
/// <param name="scope">The part of the graph's names that the layers have.</param>
/// <param name="subject">The node, in words, that needs them.</param>
internal sealed class FormulaLayers(GraphImport graph, string scope, string subject)
{
    private const int LayerCost = 64;

    private readonly Dictionary<Formula, RowSource> _sources = [];

    /// <summary>Whether the layers make one row per step.</summary>
    public bool IsSequence { get; init; } = true;

    /// <summary>Says who makes a formula's rows.</summary>
    public void Set(Formula formula, RowSource source) => _sources[formula] = source;

    /// <summary>Who makes a formula's rows: what is known to, or new layers.</summary>
    /// <exception cref="RefusalException">No layer computes it.</exception>
    public RowSource Make(Formula formula)
    {
        if (!_sources.TryGetValue(formula, out var source))
        {
            graph.Spend(LayerCost);
            source = MadeOf(formula);
            _sources[formula] = source;
        }

        return source;
    }

    private RowSource MadeOf(Formula formula)
    {
        if (formula is MapFormula or PairFormula)
        {
            if (FunctionMatch.Activation(formula) is { } function)
            {
                return function.Function == Activation.Linear
                    ? Make(function.Of)
                    : Layer(formula, new ActivationAttribute(function.Function) { Alpha = function.Alpha }, function.Of);
            }

            if (formula is MapFormula { Function.Op: "Sqrt" } root && IsNeverNegative(root.Arguments[0]))
            {
                return Layer(formula, new ActivationAttribute(Activation.Sqrt), root.Arguments[0]);
            }

            if (FunctionMatch.Normalisation(formula) is { } norm)
            {
                var layer = Layer(formula, new LayerNormAttribute { Epsilon = norm.Epsilon }, norm.Of);
                layer.Parameters.Add("weight", WeightValues.Vector(norm.Scale));
                layer.Parameters.Add("bias", WeightValues.Vector(norm.Shift));
                return layer;
            }
        }

        if (formula is JoinFormula)
        {
            return RowLayers.SideBySide(graph, scope, [.. formula.Arguments.Select(Make)]);
        }

        var form = AffineForm.Of(formula, _sources.ContainsKey);
        return !form.IsTrivial ? Sum(formula, form)
            : formula is PairFormula { Op: PairOp.Multiply } ? Joined("Multiply", formula.Width,
                [.. formula.Arguments.Select(Make)], names => new MultiplyAttribute(names))
            : throw Refuse(formula);
    }

    private static bool IsNeverNegative(Formula formula) => formula switch
    {
        ConstantFormula constant => Array.TrueForAll(constant.Values, v => v >= 0),
        PairFormula { Op: PairOp.Multiply } square when square.Arguments[0] == square.Arguments[1] => true,
        PairFormula { Op: PairOp.Add or PairOp.Multiply } pair => pair.Arguments.All(IsNeverNegative),
        MapFormula map => map.Function.Op is "Relu" or "Exp" or "Sigmoid" or "Abs" or "Softplus" or "Sqrt",
        ProductFormula product => Array.TrueForAll(product.Matrix, v => v >= 0) && IsNeverNegative(product.Arguments[0]),
        PickFormula or JoinFormula => formula.Arguments.All(IsNeverNegative),
        _ => false,
    };

    private RowSource Sum(Formula formula, AffineForm form)
    {
        var (width, bias) = (formula.Width, Array.ConvertAll(form.Bias, b => (float)b));
        if (form.Terms.Count == 0)
        {
            throw new RefusalException($"{subject}: it makes rows that do not depend on the input, which no layer does");
        }

        var products = form.Terms.Where(t => !t.IsInPlace).ToList();
        var summands = form.Terms.Where(t => t.IsInPlace)
            .Select(t => t.IsWhole ? Make(t.Atom) : Affine(t.Atom.Width, Make(t.Atom), [.. t.Scale.Select(s => (float)s)],
                new float[width]))
            .ToList();
        if (products.Count > 0)
        {
            summands.Add(Dense(width, products, bias));
        }

        var sum = summands is [var only] ? only : Joined("Add", width, [.. summands], names => new AddAttribute(names));
        return products.Count > 0 || Array.TrueForAll(bias, b => b == 0) ? sum
            : Affine(width, sum, [.. Enumerable.Repeat(1f, width)], bias);
    }

    private DraftLayer Dense(int width, List<AffineTerm> products, float[] bias)
    {
        var sources = products.ConvertAll(t => Make(t.Atom));
        var source = sources is [var only] ? only : RowLayers.SideBySide(graph, scope, [.. sources]);
        var inputs = products.Sum(t => t.Atom.Width);
        var (weight, first) = (new float[(long)width * inputs], 0);
        foreach (var term in products)
        {
            var (matrix, columns) = (term.ToMatrix(), term.Atom.Width);
            for (var k = 0; k < matrix.Length; k++)
            {
                weight[(k / columns * inputs) + first + (k % columns)] = (float)matrix[k];
            }

            first += columns;
        }

        var hasBias = Array.Exists(bias, b => b != 0);
        var layer = graph.Add(new DraftLayer(scope, width, IsSequence, source)
        {
            Options = new DenseAttribute(width) { Bias = hasBias },
        });
        layer.Parameters.Add("weight", WeightValues.Matrix(width, inputs, weight));
        if (hasBias)
        {
            layer.Parameters.Add("bias", WeightValues.Vector(bias));
        }

        return layer;
    }

    private DraftLayer Affine(int width, RowSource source, float[] scale, float[] shift)
    {
        var layer = graph.Add(new DraftLayer(scope, width, IsSequence, source) { Options = new AffineAttribute() });
        layer.Parameters.Add("weight", WeightValues.Vector(scale));
        layer.Parameters.Add("bias", WeightValues.Vector(shift));
        return layer;
    }

    private DraftLayer Layer(Formula formula, LayerAttribute options, Formula source) =>
        graph.Add(new DraftLayer(scope, formula.Width, IsSequence, Make(source)) { Options = options });

    private DraftLayer Joined(string kind, int width, RowSource[] sources, Func<string[], LayerAttribute> join) =>
        graph.Add(new DraftLayer(scope, width, IsSequence, sources) { Kind = kind, Join = join });

    private RefusalException Refuse(Formula formula) => new(
        $"{subject}: it needs {formula switch
        {
            MapFormula map => $"{map.Function.Op} of rows",
            PairFormula pair => $"rows that are combined by {pair.Op}",
            LeafFormula => "a state before the step, or rows that are not known by then",
            _ => "rows that are made in a way",
        }}, which no layer computes; recognised are the functions and normalisations that layers have, however they are spelt");
}
