namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>
/// What a step does to each unit, behind the products of its input and state: formulas of one number a unit. Its variables are the states
/// before the step, and sums of products, one for each gate.
/// </summary>
internal sealed class StepTree
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Formula, int> _indices = [];
    private readonly HashSet<Formula> _ofState = [];
    private readonly HashSet<Formula> _withProducts = [];
    private readonly Formula[] _states;

    /// <param name="states">The states before the step, whose variables are the first ones.</param>
    /// <param name="roots">What is computed of them.</param>
    public StepTree(Formula[] states, IEnumerable<Formula> roots)
    {
        _states = states;
        Roots = [.. roots];
        foreach (var formula in Formula.Needed(Roots, states.Contains))
        {
            if (states.Contains(formula) || formula.Arguments.Any(_ofState.Contains))
            {
                _ofState.Add(formula);
            }

            if (formula is ProductFormula || formula.Arguments.Any(_withProducts.Contains))
            {
                _withProducts.Add(formula);
            }
        }

        Units = states[0].Width;
        foreach (var root in Roots)
        {
            Add(root);
        }
    }

    /// <summary>Values of a state.</summary>
    public int Units { get; }

    public IReadOnlyList<Formula> Roots { get; }

    /// <summary>The sums, whose variables stand behind the states'.</summary>
    public List<GateSum> Sums { get; } = [];

    /// <summary>Whether a formula depends on the states before the step.</summary>
    public bool IsOfState(Formula formula) => _ofState.Contains(formula);

    /// <summary>A formula's value for one unit.</summary>
    /// <param name="formula">The formula, a root or what a sum takes the product of.</param>
    /// <param name="unit">The unit, for constants that differ between units.</param>
    /// <param name="variables">The states and sums of the unit.</param>
    public double Evaluate(Formula formula, int unit, double[] variables)
    {
        var values = new double[_nodes.Count];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = _nodes[k].Of(values, unit, variables);
        }

        return values[_indices[formula]];
    }

    /// <summary>The activations that are taken of a sum alone, as the step has them.</summary>
    public IReadOnlyList<(Activation Function, float Alpha)> FunctionsOf(int sum)
    {
        var (variable, found) = (_states.Length + sum, new List<(Activation, float)>());
        for (var k = 0; k < _nodes.Count; k++)
        {
            if (_nodes[k].Variables == 1UL << variable && _nodes[k].Variable < 0)
            {
                var pairs = new List<(double, double)>();
                for (var point = 0; point < FunctionMatch.Points.Count; point++)
                {
                    var variables = new double[_states.Length + Sums.Count];
                    variables[variable] = FunctionMatch.Points[point];
                    pairs.Add((FunctionMatch.Points[point], Value(k, point % Units, variables)));
                }

                // The sum itself is no function of it.
                if (FunctionMatch.Function(pairs) is { Function: not Activation.Linear } function && !found.Contains(function))
                {
                    found.Add(function);
                }
            }
        }

        return found;
    }

    private double Value(int node, int unit, double[] variables)
    {
        var values = new double[node + 1];
        for (var k = 0; k <= node; k++)
        {
            values[k] = _nodes[k].Of(values, unit, variables);
        }

        return values[node];
    }

    private int Add(Formula formula)
    {
        if (_indices.TryGetValue(formula, out var known))
        {
            return known;
        }

        return _indices[formula] = Array.IndexOf(_states, formula) is >= 0 and var state
            ? Push(new Node { Variable = state, Variables = 1UL << state })
            : Scaled(formula) is var (scaled, factor, term) && scaled != formula ? AddScaled(formula, scaled, factor, term)
            : AddSum(formula, AffineForm.Of(formula, _states.Contains));
    }

    /// <summary>
    /// A formula as another one times a number, and a number: how hard sigmoids are spelled, whose factor is none of the weights'.
    /// </summary>
    private static (Formula Of, double Factor, double Term) Scaled(Formula formula) => formula switch
    {
        PairFormula { Op: PairOp.Multiply } scaled when Number(scaled) is var (of, number) && of is not null => (of, number, 0),
        PairFormula { Op: PairOp.Add } moved when Number(moved) is var (of, number) && of is PairFormula { Op: PairOp.Multiply } scaled
            && Number(scaled) is var (inner, factor) && inner is not null => (inner, factor, number),
        _ => (formula, 1, 0),
    };

    /// <summary>The argument beside one number; null where there is none.</summary>
    private static (Formula? Of, double Number) Number(PairFormula pair)
    {
        var constant = pair.Arguments.OfType<ConstantFormula>().FirstOrDefault();
        return constant is not null && Array.TrueForAll(constant.Values, v => v == constant.Values[0])
            ? (pair.Arguments[0] == constant ? pair.Arguments[1] : pair.Arguments[0], constant.Values[0])
            : (null, 0);
    }

    private int AddScaled(Formula formula, Formula scaled, double factor, double term)
    {
        var argument = Add(scaled);
        return Push(new Node
        {
            Sum = [(argument, [.. Enumerable.Repeat(factor, formula.Width)])], Bias = [.. Enumerable.Repeat(term, formula.Width)],
            Variables = _nodes[argument].Variables,
        });
    }

    private int AddSum(Formula formula, AffineForm form)
    {
        if (form.IsTrivial && form.Terms[0].Atom == formula)
        {
            return AddFunction(formula);
        }

        // What stays in its place and is made in the step stays a summand of the tree; everything else is a gate's sum.
        var inside = form.Terms.Where(t => t.IsInPlace && !IsInput(t.Atom)).ToList();
        var products = form.Terms.Except(inside).ToList();
        var arguments = inside.Select(t => (Add(t.Atom), t.Scale)).ToList();
        if (products.Count > 0)
        {
            arguments.Add((PushVariable(new GateSum(products, form.Bias)), [.. Enumerable.Repeat(1.0, formula.Width)]));

            // What is made of the state before it is multiplied has gates of its own.
            foreach (var made in products.Select(t => t.Atom).Where(a => _ofState.Contains(a) && a.Width == Units))
            {
                Add(made);
            }
        }

        return Push(new Node
        {
            Sum = arguments, Bias = products.Count > 0 ? new double[formula.Width] : form.Bias,
            Variables = arguments.Aggregate(0UL, (all, a) => all | _nodes[a.Item1].Variables),
        });
    }

    private int AddFunction(Formula formula)
    {
        if (IsInput(formula))
        {
            return PushVariable(new GateSum([AffineTerm.Whole(formula)], new double[formula.Width]));
        }

        if (formula is not (MapFormula or PairFormula))
        {
            throw new RefusalException("a step moves values from unit to unit outside its products");
        }

        int[] arguments = [.. formula.Arguments.Select(Add)];
        return Push(new Node
        {
            Function = (formula as MapFormula)?.Function, Op = (formula as PairFormula)?.Op ?? default, Arguments = arguments,
            Variables = arguments.Aggregate(0UL, (all, a) => all | _nodes[a].Variables),
        });
    }

    /// <summary>Whether a formula is made before the step: of no state, and no gate of the input alone.</summary>
    private bool IsInput(Formula formula) => !_ofState.Contains(formula) && formula is not ConstantFormula
        && !_withProducts.Contains(formula);

    private int PushVariable(GateSum sum)
    {
        Sums.Add(sum);
        var variable = _states.Length + Sums.Count - 1;
        return variable < 64 ? Push(new Node { Variable = variable, Variables = 1UL << variable })
            : throw new RefusalException("a step has more gates than any cell");
    }

    private int Push(Node node)
    {
        _nodes.Add(node);
        return _nodes.Count - 1;
    }

    private sealed class Node
    {
        public int Variable { get; init; } = -1;

        public ScalarFunction? Function { get; init; }

        public PairOp Op { get; init; }

        public int[] Arguments { get; init; } = [];

        public List<(int Node, double[] Scale)>? Sum { get; init; }

        public double[] Bias { get; init; } = [];

        /// <summary>The variables that it depends on, a bit each.</summary>
        public ulong Variables { get; init; }

        public double Of(double[] values, int unit, double[] variables) =>
            Variable >= 0 ? variables[Variable]
            : Sum is not null ? Bias[unit] + Sum.Sum(s => s.Scale[unit] * values[s.Node])
            : Function is { } function ? function.Of(values[Arguments[0]])
            : PairFormula.Of(Op, values[Arguments[0]], values[Arguments[1]]);
    }
}

/// <summary>What a gate is made of: matrices times the step's inputs and the state, and a bias.</summary>
/// <param name="Terms">The products.</param>
/// <param name="Bias">The bias.</param>
internal sealed record GateSum(IReadOnlyList<AffineTerm> Terms, double[] Bias);
