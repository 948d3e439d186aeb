using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Interchange.Onnx.Formulas;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// A graph that is one step of a model: it reads a row and states, and makes a row and the next states, of cells that are spelled out.
/// Whatever lies within the row, such as the samples of a frame and what is computed of them, is one row of features.
/// </summary>
internal sealed class StepGraph(GraphImport graph)
{
    private const int MostPairings = 64;

    private readonly List<(string Name, FormulaValue Value, Axis[] Axes)> _inputs = [];
    private readonly Dictionary<string, Axis> _free = new(StringComparer.Ordinal);

    /// <summary>Whether a graph has states for inputs, and no layer that has steps of its own.</summary>
    public static bool MayBe(GraphProto graph, OnnxImportOptions options)
    {
        var initializers = graph.Initializers.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return graph.Outputs.Count > 1
            && graph.Inputs.Count(i => i.Type.IsReal() && !initializers.Contains(i.Name) && !options.Constants.ContainsKey(i.Name)) > 1
            && !graph.Nodes.Exists(n => n.Op is "LSTM" or "GRU" or "RNN" or "Loop" or "Scan");
    }

    /// <summary>An input: numbers of known sizes, but for the samples.</summary>
    /// <exception cref="RefusalException">A size is not known.</exception>
    public GraphValue Input(ValueInfoProto input)
    {
        if (input.Shape is not { Count: <= Constant.MaxRank } shape || !(input.Type.IsReal() || input.Type.IsInteger()))
        {
            throw new RefusalException($"input '{input.Name}' is {input.Type} without a shape, or of too many axes");
        }

        var free = shape.ConvertAll(d => d.Value is null ? FreeAxis(input, d) : null);
        var axes = shape.Select((d, k) => free[k] ?? new Axis(AxisRole.Feature, d.Value)).ToArray();
        var width = shape.Aggregate(1L, (product, d) => Math.Min(product * Math.Clamp(d.Value ?? 1, 0, int.MaxValue), int.MaxValue));
        if (width is 0 or > 1 << 24 || free.Count(f => f is not null) > 1)
        {
            throw new RefusalException($"input '{input.Name}' has sizes of which a step has none");
        }

        var rows = new InputRows(input.Name, input.Type);
        var value = new FormulaValue(graph.Formulas.Graph.Leaf(rows, (int)width), [.. shape.Select(d => (int)(d.Value ?? 1))],
            [.. free]) { Subject = $"input '{input.Name}'", Input = input.Name };
        graph.SetAxes(input.Name, axes);
        if (input.Type.IsReal())
        {
            graph.ComputesIn(input.Type);
            _inputs.Add((input.Name, value, axes));
        }

        return value;
    }

    /// <summary>What the outputs are, once all nodes are followed: rows of layers, and final states.</summary>
    /// <exception cref="RefusalException">The states are no known cells'.</exception>
    public IReadOnlyDictionary<string, GraphValue> Outputs(IReadOnlyList<string> names)
    {
        var values = names.ToDictionary(n => n, n => graph.ValueOf(n));
        foreach (var (name, value) in values)
        {
            if (value is RefusedValue refused)
            {
                throw new RefusalException($"output '{name}': {refused.Reason}");
            }
        }

        var formulas = values.Where(v => v.Value is FormulaValue).ToDictionary(v => v.Key, v => (FormulaValue)v.Value);
        RefusalException? first = null;
        foreach (var main in _inputs)
        {
            foreach (var pairs in Paired([.. _inputs.Where(i => i.Name != main.Name)], [.. formulas]).Take(MostPairings))
            {
                try
                {
                    return Built(main, pairs, values);
                }
                catch (RefusalException e)
                {
                    first ??= e;
                }
            }
        }

        throw first ?? new RefusalException(
            "it has several inputs, but no output for each state among them, of as many numbers; a model has one input of rows, and " +
            "states whose next values it returns");
    }

    private Axis FreeAxis(ValueInfoProto input, Dimension dimension)
    {
        var name = dimension.Symbol ?? "";
        var others = graph.Proto.Inputs.Where(i => i.Type.IsReal()).SelectMany(i => i.Shape ?? []).Where(d => d.Value is null)
            .Select(d => d.Symbol ?? "").ToList();
        var samples = others.GroupBy(n => n).OrderByDescending(g => g.Count()).First().Key;
        if (name != samples)
        {
            throw new RefusalException(
                $"the size '{name}' of input '{input.Name}' is not fixed, and the graph is one step, in which all sizes but the number " +
                $"of samples '{samples}' are: say it with --size {name}=NUMBER, or in {nameof(OnnxImportOptions)}." +
                $"{nameof(OnnxImportOptions.Sizes)}");
        }

        if (!_free.TryGetValue(name, out var axis))
        {
            _free[name] = axis = new Axis(AxisRole.Batch) { Symbol = dimension.Symbol };
        }

        return axis;
    }

    /// <summary>Every way to say which output holds the next value of each state.</summary>
    private static IEnumerable<List<(string Input, FormulaValue Before, string Output, FormulaValue After)>> Paired(
        List<(string Name, FormulaValue Value, Axis[] Axes)> states, List<KeyValuePair<string, FormulaValue>> outputs)
    {
        if (states.Count == 0)
        {
            return [[]];
        }

        var (name, before, _) = states[0];
        return outputs.Where(o => o.Value.Formula.Width == before.Formula.Width
                && Formula.Needed([o.Value.Formula]).Contains(before.Formula))
            .SelectMany(o => Paired(states[1..], [.. outputs.Where(other => other.Key != o.Key)])
                .Select(rest => rest.Prepend((name, before, o.Key, o.Value)).ToList()));
    }

    private Dictionary<string, GraphValue> Built(
        (string Name, FormulaValue Value, Axis[] Axes) main,
        List<(string Input, FormulaValue Before, string Output, FormulaValue After)> pairs, Dictionary<string, GraphValue> values)
    {
        var cells = new StepCells(graph, "", "the step that the graph is");
        var rows = (InputRows)((LeafFormula)main.Value.Formula).Source;
        cells.Set(main.Value.Formula, rows);
        var roots = values.Values.OfType<FormulaValue>().Select(f => f.Formula).ToList();
        var parts = pairs.ConvertAll(p => cells.PartsOf(p.Before.Formula, p.After.Formula, roots));
        cells.Find([.. parts.SelectMany(p => p)]);

        // The row is one axis of features, however the file lays it out.
        var samples = main.Value.Free.OfType<Axis>().ToArray();
        graph.SetAxes(main.Name, [.. samples, new Axis(AxisRole.Feature, main.Value.Formula.Width)]);
        cells.Build(isReverse: false, state =>
        {
            var index = parts.FindIndex(p => p.Contains(state));
            return (PartOf(pairs[index].Input, pairs[index].Before, state), null);
        });
        var results = new Dictionary<string, GraphValue>();
        foreach (var (name, value) in values)
        {
            var state = pairs.FindIndex(p => p.Output == name);
            if (value is FormulaValue formula)
            {
                results[name] = state < 0 ? Rows(cells, formula) : States(cells, pairs[state].After, parts[state]);
            }
        }

        return results;
    }

    private static GraphValue Rows(StepCells cells, FormulaValue value)
    {
        try
        {
            return new RowsValue(cells.Make(value.Formula),
                [.. value.Free.OfType<Axis>(), new Axis(AxisRole.Feature, value.Formula.Width)]);
        }
        catch (RefusalException e)
        {
            return new RefusedValue(e.Message, Origin.Rows, []);
        }
    }

    private static StatesValue States(StepCells cells, FormulaValue value, IReadOnlyList<StepState> parts)
    {
        var ordered = parts.OrderBy(p => p.Before is PickFormula pick ? pick.Places[0] : 0).ToList();
        Axis[] axes = [new Axis(size: ordered.Count), .. value.Free.OfType<Axis>(), new Axis(AxisRole.Feature, ordered[0].Before.Width)];
        return new StatesValue([.. ordered.Select(p => cells.FinalOf(p)!)], axes, 0);
    }

    /// <summary>The part of an input that a state is, which has to be a box of it.</summary>
    private InputPartValue PartOf(string name, FormulaValue before, StepState state)
    {
        var places = state.Before is PickFormula pick ? pick.Places : [.. Enumerable.Range(0, before.Formula.Width)];
        var (shape, strides) = (before.Shape, Places.Strides(before.Shape));
        var items = shape.Select((size, k) => places.Select(p => p / strides[k] % size).Distinct().Order().ToArray()).ToArray();
        var isBox = items.All(i => i[^1] - i[0] + 1 == i.Length) && items.Aggregate(1L, (product, i) => product * i.Length) == places.Length
            && places.Zip(places.Skip(1)).All(p => p.First < p.Second);
        if (!isBox)
        {
            throw new RefusalException($"a state is scattered over the input '{name}', which is not followed");
        }

        var own = graph.AxesOfInput(name);
        var batch = Array.FindIndex(before.Free, f => f is not null);
        var ranges = items.Select((i, k) => k == batch ? (0L, own[k].Size) : ((long)i[0], (long?)i.Length)).ToArray();
        var units = Array.FindLastIndex(items, i => i.Length > 1);
        return new InputPartValue(new InputRows(name, OnnxDataType.Float),
            [new Axis(size: 1), batch < 0 ? new Axis(size: 1) : own[batch], new Axis(AxisRole.Feature, places.Length)],
            [-1, batch, units], ranges, "");
    }
}
