namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>A state of a step: what it was and what it becomes.</summary>
internal sealed record StepState(Formula Before, Formula After);

/// <summary>A cell that was recognised in a step.</summary>
/// <param name="Hidden">The state that is its output.</param>
/// <param name="Cell">Its other state; null where it has none.</param>
/// <param name="Inputs">What it reads beside its states, to be put side by side.</param>
/// <param name="Options">
/// The layer's attribute, by whether its initial state is learned, whether it goes from the last step to the first, and whether it makes a
/// row for each step.
/// </param>
/// <param name="Parameters">Its weights.</param>
internal sealed record CellMatch(
    StepState Hidden, StepState? Cell, IReadOnlyList<Formula> Inputs, Func<bool, bool, bool, RecurrentAttribute> Options,
    IReadOnlyDictionary<string, WeightValues> Parameters)
{
    private const int Trials = 240;
    private const int TrialsPerUnit = 3;

    private static readonly double[] s_sizes = [1, 1, 1, 1, 10, 100, 1e3, 1e6];

    private static readonly Activation[] s_functions = Enum.GetValues<Activation>();

    /// <summary>The cell whose output is a state; null where it is none that is known.</summary>
    /// <param name="hidden">The state that is its output.</param>
    /// <param name="cell">Its other state; null where it has none.</param>
    public static CellMatch? Find(StepState hidden, StepState? cell)
    {
        if (hidden.Before.Width != hidden.After.Width || hidden.After is LeafFormula or ConstantFormula
            || (cell is not null && (cell.Before.Width != hidden.Before.Width || cell.After.Width != hidden.Before.Width)))
        {
            return null;
        }

        Formula[] states = cell is null ? [hidden.Before] : [hidden.Before, cell.Before];
        StepTree tree;
        try
        {
            tree = new StepTree(states, cell is null ? [hidden.After] : [hidden.After, cell.After]);
        }
        catch (RefusalException)
        {
            return null;
        }

        var candidates = KnownCell.All.Where(k => k.States == states.Length && k.Sums.Length == tree.Sums.Count).ToList();
        return candidates.Count == 0 ? null
            : candidates.Select(known => new CellMatcher(hidden, cell, tree, known).Find()).FirstOrDefault(found => found is not null);
    }

    /// <summary>One cell's try.</summary>
    private sealed class CellMatcher(StepState hidden, StepState? cell, StepTree tree, KnownCell known)
    {
        private readonly List<IReadOnlyList<(Activation Function, float Alpha)>> _functions =
            [.. Enumerable.Range(0, tree.Sums.Count).Select(tree.FunctionsOf)];

        public CellMatch? Find()
        {
            foreach (var order in Orders(tree.Sums.Count))
            {
                if (!Enumerable.Range(0, order.Length).All(k => Fits(tree.Sums[order[k]], known.Sums[k])))
                {
                    continue;
                }

                foreach (var flipped in known.Update < 0 ? [-1] : new[] { -1, known.Update })
                {
                    foreach (var inner in NeedsInner ? s_functions : [Activation.Linear])
                    {
                        if (Gates(order) is { } gates && ComputesTheSame(order, gates, inner, flipped)
                            && Match(order, gates, inner, flipped) is { } match)
                        {
                            return match;
                        }
                    }
                }
            }

            return null;
        }

        private bool NeedsInner => known.States == 2 || known.Name == "GruResetAfter";

        /// <summary>Whether a sum reads what the cell's sum does.</summary>
        private bool Fits(GateSum sum, CellSum own)
        {
            var (readsState, others) = (false, 0);
            foreach (var term in sum.Terms)
            {
                if (term.Atom == cell?.Before)
                {
                    return false;
                }

                readsState |= term.Atom == hidden.Before;
                others += term.Atom != hidden.Before && tree.IsOfState(term.Atom) ? 1 : 0;
            }

            var readsInput = sum.Terms.Any(t => !tree.IsOfState(t.Atom));
            return (own.ReadsState || !readsState) && (own.ReadsInput || !readsInput) && others == (own.ReadsReset ? 1 : 0);
        }

        /// <summary>The functions of the gates in an order; null where a gate has none.</summary>
        private (Activation Function, float Alpha)[]? Gates(int[] order)
        {
            var gates = order.Select(k => _functions[k].Count > 0 ? _functions[k][0] : (Activation.Linear, float.NaN)).ToArray();

            // All but the candidate share one function.
            List<(Activation Function, float Alpha)> shared = [.. Enumerable.Range(0, known.Gates.Length)
                .Where(k => known.Gates[k] is not ('n' or 'g' or 'h')).Select(k => gates[k])];
            return shared.Distinct().Count() <= 1 && (!known.HasSigmoids || shared.All(s => s.Function == Activation.Sigmoid))
                ? gates
                : null;
        }

        private bool ComputesTheSame(int[] order, (Activation Function, float Alpha)[] gates, Activation inner, int flipped)
        {
            var random = new Random(7);
            var functions = gates.Select(g => ScalarFunction.Of(g.Function, g.Alpha)).ToArray();
            var reset = tree.Sums[order[^1]].Terms.FirstOrDefault(t => known.Sums[^1].ReadsReset && t.Atom != hidden.Before
                && tree.IsOfState(t.Atom))?.Atom;
            if (reset is not null && reset.Width != tree.Units)
            {
                return false;
            }

            // Few units tell what it is not; every one of them may have constants of its own.
            for (var trial = 0; trial < Trials + (TrialsPerUnit * tree.Units); trial++)
            {
                // Large numbers show bounds that the cell does not have.
                double Any(double range) => range * s_sizes[random.Next(s_sizes.Length)] * ((2 * random.NextDouble()) - 1);

                // Sums that are near each other show what is added to gates that are all but closed.
                var near = trial % 3 == 0 ? Any(2.5) : 0;
                var sums = order.Select(_ => near == 0 ? Any(2.5) : near + (2 * random.NextDouble())).ToArray();
                var (h, c) = (Any(1), Any(1.5));
                var variables = new double[known.States + order.Length];
                variables[0] = h;
                variables[known.States - 1] = known.States == 2 ? c : h;
                for (var k = 0; k < order.Length; k++)
                {
                    variables[known.States + order[k]] = sums[k];
                }

                var unit = trial < Trials ? random.Next(tree.Units) : (trial - Trials) % tree.Units;
                var values = new CellValues(sums, functions, ScalarFunction.Of(inner, float.NaN), flipped) { H = h, C = c };
                var next = known.Next(values);
                if (!IsNear(tree.Evaluate(hidden.After, unit, variables), next.H)
                    || (cell is not null && !IsNear(tree.Evaluate(cell.After, unit, variables), next.C))
                    || (reset is not null && !IsNear(tree.Evaluate(reset, unit, variables), values[0] * h)))
                {
                    return false;
                }

                // An exponential of a large sum may be none.
                bool IsNear(double own, double other) => FunctionMatch.IsNear(own, other)
                    || (!double.IsFinite(own) && sums.Any(s => Math.Abs(s) > FunctionMatch.Large));
            }

            return true;
        }

        private CellMatch? Match(int[] order, (Activation Function, float Alpha)[] gates, Activation inner, int flipped)
        {
            if (flipped >= 0
                && gates[flipped].Function is not (Activation.Sigmoid or Activation.HardSigmoid or Activation.HardSigmoidKeras2))
            {
                return null;
            }

            GateSum[] sums = [.. order.Select(k => tree.Sums[k])];
            var inputs = sums.SelectMany(s => s.Terms.Select(t => t.Atom).Where(a => !tree.IsOfState(a))).Distinct().ToList();
            if (inputs.Count == 0)
            {
                return null;
            }

            // 1 - sigmoid(x) = sigmoid(-x), and so for the hard ones.
            double Sign(int k) => k == flipped ? -1 : 1;
            var (units, rows) = (tree.Units, known.Gates.Length);
            var parameters = new Dictionary<string, WeightValues>(StringComparer.Ordinal);
            var width = inputs.Sum(i => i.Width);
            parameters["weight_ih_l0"] = WeightValues.Matrix(rows * units, width,
                [.. Enumerable.Range(0, rows).SelectMany(k => InputRows(sums[k], inputs, Sign(k)))]);
            var bias = Enumerable.Range(0, rows).SelectMany(k => sums[k].Bias.Select(b => (float)(Sign(k) * b))).ToArray();
            var hasBias = sums.Any(s => Array.Exists(s.Bias, b => b != 0));
            if (hasBias)
            {
                parameters["bias_ih_l0"] = WeightValues.Vector(bias);
            }

            if (known.Sums.Any(s => s.ReadsState || s.ReadsReset))
            {
                parameters["weight_hh_l0"] = WeightValues.Matrix(rows * units, units, [.. Enumerable.Range(0, rows)
                    .SelectMany(k => StateRows(known.Name == "GruResetAfter" && k == 2 ? sums[3] : sums[k], Sign(k)))]);
            }

            if (hasBias && parameters.ContainsKey("weight_hh_l0"))
            {
                parameters["bias_hh_l0"] = WeightValues.Vector(
                    [.. Enumerable.Range(0, rows * units).Select(k => known.Name == "GruResetAfter" && k >= 2 * units
                        ? (float)sums[3].Bias[k - (2 * units)]
                        : 0)]);
            }

            return new CellMatch(hidden, cell, inputs, (isLearned, isReverse, returnsSequences) =>
            {
                var options = OptionsOf(gates, inner);
                (options.LearnedInitialState, options.Reverse, options.ReturnSequences) = (isLearned, isReverse, returnsSequences);
                options.Bias = hasBias;
                return options;
            }, parameters);
        }

        private static IEnumerable<float> InputRows(GateSum sum, List<Formula> inputs, double sign)
        {
            var blocks = inputs.ConvertAll(i => (Width: i.Width, Matrix: MatrixOf(sum, i)));
            for (var row = 0; row < sum.Bias.Length; row++)
            {
                foreach (var (width, matrix) in blocks)
                {
                    for (var column = 0; column < width; column++)
                    {
                        yield return matrix is null ? 0 : (float)(sign * matrix[(row * width) + column]);
                    }
                }
            }
        }

        private IEnumerable<float> StateRows(GateSum sum, double sign)
        {
            var matrix = sum.Terms.Where(t => tree.IsOfState(t.Atom)).Select(t => t.ToMatrix()).FirstOrDefault();
            return matrix is null ? new float[tree.Units * tree.Units] : matrix.Select(m => (float)(sign * m));
        }

        private static double[]? MatrixOf(GateSum sum, Formula atom)
        {
            var terms = sum.Terms.Where(t => t.Atom == atom).ToList();
            return terms.Count == 0 ? null : terms.Aggregate((a, b) => a.PlusMatrix(b)).ToMatrix();
        }

        private RecurrentAttribute OptionsOf((Activation Function, float Alpha)[] gates, Activation inner)
        {
            RecurrentAttribute options = known.Name switch
            {
                "Lstm" or "CoupledLstm" => new LstmAttribute(tree.Units)
                {
                    CoupledInputForget = known.Name == "CoupledLstm", GateActivation = gates[0].Function, GateAlpha = gates[0].Alpha,
                    Activation = gates[^2].Function,
                },
                "GruResetAfter" => new GruAttribute(tree.Units)
                {
                    GateActivation = gates[0].Function, GateAlpha = gates[0].Alpha, Activation = inner, ResetAfter = true,
                },
                "GruResetBefore" => new GruAttribute(tree.Units)
                {
                    GateActivation = gates[0].Function, GateAlpha = gates[0].Alpha, Activation = gates[2].Function, ResetAfter = false,
                },
                "MinGru" => new MinGruAttribute(tree.Units) { Activation = gates[1].Function },
                "MinLstm" => new MinLstmAttribute(tree.Units) { Activation = gates[2].Function },
                _ => new ElmanAttribute(tree.Units) { Activation = gates[0].Function },
            };
            if (options is LstmAttribute lstm && inner != lstm.Activation)
            {
                lstm.CellActivation = inner;
            }

            options.Alpha = known.Name switch
            {
                "Lstm" or "CoupledLstm" => gates[^2].Alpha,
                "GruResetAfter" => float.NaN,
                _ => gates[^1].Alpha,
            };
            return options;
        }
    }

    private static IEnumerable<int[]> Orders(int count)
    {
        if (count == 0)
        {
            return [[]];
        }

        return Orders(count - 1).SelectMany(rest => Enumerable.Range(0, count)
            .Select(place => (int[])[.. rest[..place], count - 1, .. rest[place..]]));
    }
}
