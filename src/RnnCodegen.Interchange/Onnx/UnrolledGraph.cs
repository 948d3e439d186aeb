using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Interchange.Onnx.Formulas;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// A graph in which every step of a sequence of fixed length is spelled out: the cell is found between two states that follow each other,
/// and has to be the same between all others, with zeros before the first.
/// </summary>
internal sealed class UnrolledGraph(GraphImport graph)
{
    private const string Subject = "the steps that the graph spells out";

    private const int Trials = 4;

    // What a step adds behind the products of the next state: more operators than a cell has.
    private const int MostOperators = 32;

    // A trial of a cell weighs as much as a small constant, so that no file makes many more than it has steps.
    private const int TrialCost = 256;

    private readonly Formulas.FormulaGraph _formulas = graph.Formulas.Graph;

    /// <summary>Whether a graph reads one sequence of fixed length and has no layer with steps.</summary>
    public static bool MayBe(GraphProto graph)
    {
        var initializers = graph.Initializers.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return graph.Inputs.FindAll(i => !initializers.Contains(i.Name)) is [{ Shape: { Count: 3 } shape } input] && input.Type.IsReal()
            && shape[2].Value > 0 && shape.Take(2).Count(d => d.Value is null or 1) == 1
            && !graph.Nodes.Exists(n => n.Op is "LSTM" or "GRU" or "RNN" or "Loop" or "Scan");
    }

    /// <summary>What the outputs are, once all nodes are followed.</summary>
    /// <exception cref="RefusalException">The steps are no known cell's.</exception>
    public IReadOnlyDictionary<string, GraphValue> Outputs(IReadOnlyList<string> names)
    {
        var input = graph.Proto.Inputs.Find(i => graph.ValueOf(i.Name) is FormulaValue)!;
        var x = (FormulaValue)graph.ValueOf(input.Name);
        var time = x.Shape[0] != 1 ? 0 : 1;
        var sequence = new Sequence(x.Formula, x.Shape[time], x.Shape[2]);
        var results = new Dictionary<string, GraphValue>();
        foreach (var name in names)
        {
            results[name] = graph.ValueOf(name) switch
            {
                FormulaValue value => Rows(input, x, time, sequence, value),
                RefusedValue refused => throw new RefusalException(refused.Reason),
                var other => other,
            };
        }

        return results;
    }

    private RowsValue Rows(ValueInfoProto input, FormulaValue x, int time, Sequence sequence, FormulaValue output)
    {
        var chain = Chain(output.Formula, sequence);
        var states = chain.States;
        var batch = x.Free.OfType<Axis>().FirstOrDefault() ?? new Axis(AxisRole.Batch, 1);
        var steps = new Axis(AxisRole.Time, sequence.Steps);
        graph.SetAxes(input.Name, time == 0 ? [steps, batch, new Axis(AxisRole.Feature, sequence.Width)]
            : [batch, steps, new Axis(AxisRole.Feature, sequence.Width)]);
        var node = StepCells.Node(graph, chain.Match, (InputRows)((LeafFormula)x.Formula).Source, chain.Parameters, chain.IsReverse,
            new NodeStart(Subject, null, null, 0), null, graph.Formulas.Scopes.GetValueOrDefault(states[^1], ""));
        var isFinal = Formula.Needed([output.Formula], states.Contains).All(f => !states.Contains(f) || f == states[^1]);
        var layers = new FormulaLayers(graph, "", Subject) { IsSequence = !isFinal };
        layers.Set(states[^1], isFinal ? graph.UseFinal(node) : node);
        if (isFinal)
        {
            return new RowsValue(layers.Make(output.Formula), [batch, new Axis(AxisRole.Feature, output.Formula.Width)]);
        }

        // A row for each step, all made alike of its state.
        var width = output.Formula.Width / sequence.Steps;
        Formula[] rows = [.. Enumerable.Range(0, sequence.Steps)
            .Select(t => _formulas.Pick(output.Formula, [.. Enumerable.Range(t * width, width)]))];
        var places = chain.IsReverse ? states.Reverse().ToArray() : states;
        var axis = Array.IndexOf(output.Shape, sequence.Steps);
        if (width * sequence.Steps != output.Formula.Width || axis < 0 || axis == output.Shape.Length - 1
            || !rows.Zip(places).All(p => IsAlike(p.First, p.Second, rows[0], places[0])))
        {
            throw new RefusalException($"{Subject}: what is made of the states is not one row for each, nor one of the last");
        }

        layers.Set(places[0], node);
        return new RowsValue(layers.Make(rows[0]), axis == 0 ? [steps, batch, new Axis(AxisRole.Feature, width)]
            : [batch, steps, new Axis(AxisRole.Feature, width)]);
    }

    /// <summary>Finds the states of all steps, the first one's too, and the cell between them.</summary>
    private (CellMatch Match, Formula[] States, Dictionary<string, WeightValues> Parameters, bool IsReverse) Chain(
        Formula output, Sequence sequence)
    {
        var order = Formula.Needed([output]);
        var multiplied = order.OfType<ProductFormula>().SelectMany(p => p.Arguments[0] is JoinFormula join ? join.Arguments : p.Arguments)
            .Where(f => f is MapFormula or PairFormula).Distinct().OrderBy(f => f.Id).ToList();

        // A state is what the next step multiplies, but for cells whose gates do not read it.
        List<Formula> pairs = [.. order.OfType<PairFormula>()];
        return FromAny(multiplied, 3) ?? FromAny(pairs, MostOperators / 2) ?? throw new RefusalException(
            $"{Subject}: what leads from one state to the next is none of the cells that layers have: LSTM, GRU, Elman, minGRU, minLSTM");

        (CellMatch, Formula[], Dictionary<string, WeightValues>, bool)? FromAny(List<Formula> pool, int reach)
        {
            foreach (var first in pool.Take(reach))
            {
                var (states, matches, cell) = (new List<Formula> { first }, new List<CellMatch>(), default(Formula));
                while (states.Count < sequence.Steps && Next(states[^1], cell, pool, reach, order) is { } match)
                {
                    matches.Add(match);
                    states.Add(match.Hidden.After);
                    cell = match.Cell?.After;
                }

                if (states.Count == sequence.Steps)
                {
                    return Checked(matches, [.. states], sequence);
                }
            }

            return null;
        }
    }

    /// <summary>The cell from a state to the one that follows; null where none is found.</summary>
    private CellMatch? Next(Formula state, Formula? cell, List<Formula> pool, int reach, List<Formula> order)
    {
        var candidates = pool.Where(m => m.Id > state.Id && m.Width == state.Width).Take(reach)
            .Concat(order.Where(f => f is MapFormula or PairFormula && f.Id > Math.Max(state.Id, pool[^1].Id)
                && f.Width == state.Width).Take(MostOperators));
        foreach (var after in candidates)
        {
            graph.Spend(TrialCost);
            if (CellMatch.Find(new StepState(state, after), null) is { } alone)
            {
                return alone;
            }

            foreach (var before in cell is null ? Inside(state) : [cell])
            {
                foreach (var next in Inside(after).Where(f => f.Id > state.Id))
                {
                    graph.Spend(TrialCost);
                    if (CellMatch.Find(new StepState(state, after), new StepState(before, next)) is { } both)
                    {
                        return both;
                    }
                }
            }
        }

        return null;
    }

    /// <summary>What an LSTM's cell may be in its output: what the functions of the output are of.</summary>
    private static List<Formula> Inside(Formula output) => [.. output.Arguments.Append(output)
        .SelectMany(a => a is MapFormula ? a.Arguments : [a]).Where(f => f is PairFormula && f.Width == output.Width && f != output)
        .Distinct()];

    private (CellMatch, Formula[], Dictionary<string, WeightValues>, bool) Checked(
        List<CellMatch> matches, Formula[] states, Sequence sequence)
    {
        var steps = matches.ConvertAll(m => sequence.StepOf(m) ?? throw new RefusalException(
            $"{Subject}: a step reads more than one row of the sequence, or what is made of it"));
        var isReverse = steps.Count > 0 && steps[0] == sequence.Steps - 2 && sequence.Steps > 2;
        var weights = matches.ConvertAll(m => sequence.WeightsOf(m));
        for (var k = 0; k < matches.Count; k++)
        {
            if (steps[k] != (isReverse ? sequence.Steps - 2 - k : k + 1)
                || weights[k].Any(w => !w.Value.Values.AsSpan().SequenceEqual(weights[0][w.Key].Values)))
            {
                throw new RefusalException($"{Subject}: step {k + 1} has other weights than the step before, or reads another row");
            }
        }

        if (!StartsAtZero(matches[0], sequence, isReverse))
        {
            throw new RefusalException($"{Subject}: the first state does not come of zeros");
        }

        return (matches[0], states, weights[0], isReverse);
    }

    /// <summary>Whether the first state is what the cell makes of the first row and of zeros.</summary>
    private static bool StartsAtZero(CellMatch match, Sequence sequence, bool isReverse)
    {
        var random = new Random(3);
        for (var trial = 0; trial < Trials; trial++)
        {
            var row = Enumerable.Range(0, sequence.Width).Select(_ => (2 * random.NextDouble()) - 1).ToArray();
            var second = sequence.With(isReverse ? sequence.Steps - 2 : 1, row);
            var known = new Dictionary<Formula, double[]>
            {
                [sequence.Formula] = second, [match.Hidden.Before] = new double[match.Hidden.Before.Width],
            };
            if (match.Cell is not null)
            {
                known[match.Cell.Before] = new double[match.Hidden.Before.Width];
            }

            var expected = FunctionMatch.Evaluate(Formula.Needed([match.Hidden.After], known.ContainsKey), match.Hidden.After, known);
            var first = sequence.With(isReverse ? sequence.Steps - 1 : 0, row);
            var own = FunctionMatch.Evaluate(Formula.Needed([match.Hidden.Before], f => f == sequence.Formula), match.Hidden.Before,
                new Dictionary<Formula, double[]> { [sequence.Formula] = first });
            if (expected is null || own is null || !expected.Zip(own).All(p => FunctionMatch.IsNear(p.First, p.Second)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether two formulas compute the same of one state each.</summary>
    private static bool IsAlike(Formula row, Formula state, Formula other, Formula otherState)
    {
        var random = new Random(5);
        for (var trial = 0; trial < Trials; trial++)
        {
            var values = Enumerable.Range(0, state.Width).Select(_ => (2 * random.NextDouble()) - 1).ToArray();
            var a = FunctionMatch.Evaluate(Formula.Needed([row], f => f == state), row,
                new Dictionary<Formula, double[]> { [state] = values });
            var b = FunctionMatch.Evaluate(Formula.Needed([other], f => f == otherState), other,
                new Dictionary<Formula, double[]> { [otherState] = values });
            if (a is null || b is null || !a.Zip(b).All(p => FunctionMatch.IsNear(p.First, p.Second)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The sequence that the graph reads, as one formula of all its rows.</summary>
    private sealed record Sequence(Formula Formula, int Steps, int Width)
    {
        /// <summary>The step whose row alone a cell reads; null where there is none.</summary>
        public int? StepOf(CellMatch match)
        {
            if (match.Inputs is not [var input] || (input != Formula && (input as PickFormula)?.Arguments[0] != Formula))
            {
                return null;
            }

            var weight = match.Parameters["weight_ih_l0"];
            var columns = Enumerable.Range(0, weight.Shape[1])
                .Where(c => Enumerable.Range(0, weight.Shape[0]).Any(r => weight.Values[(r * weight.Shape[1]) + c] != 0))
                .Select(c => (input as PickFormula)?.Places[c] ?? c).ToList();
            var steps = columns.Select(c => c / Width).Distinct().ToList();
            return steps is [var only] ? only : null;
        }

        /// <summary>A cell's weights, those of its input for the one row that it reads.</summary>
        public Dictionary<string, WeightValues> WeightsOf(CellMatch match)
        {
            var (weights, step) = (match.Parameters.ToDictionary(), StepOf(match)!.Value);
            var all = weights["weight_ih_l0"];
            var values = new float[all.Shape[0] * Width];
            var places = (match.Inputs[0] as PickFormula)?.Places;
            for (var k = 0; k < all.Values.Length; k++)
            {
                var place = places?[k % all.Shape[1]] ?? k % all.Shape[1];
                if (place / Width == step)
                {
                    values[(k / all.Shape[1] * Width) + (place % Width)] = all.Values[k];
                }
            }

            weights["weight_ih_l0"] = WeightValues.Matrix(all.Shape[0], Width, values);
            return weights;
        }

        /// <summary>A sequence of zeros but for one row.</summary>
        public double[] With(int step, double[] row)
        {
            var values = new double[Steps * Width];
            row.CopyTo(values, step * Width);
            return values;
        }
    }
}
