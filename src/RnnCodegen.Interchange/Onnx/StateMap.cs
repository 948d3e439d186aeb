namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Which parts of the graph's state inputs start which layers, and which final states its outputs hold. Parts in another order than the
/// layers' are refused, because whoever gives a state to the model made of the file gives it in the layers' order.
/// </summary>
internal sealed class StateMap
{
    private readonly GraphImport _graph;
    private readonly List<Slot> _slots = [];

    /// <param name="graph">The graph.</param>
    /// <param name="layers">The model's layers, in order.</param>
    /// <param name="names">Their names.</param>
    public StateMap(GraphImport graph, IEnumerable<DraftLayer> layers, IReadOnlyDictionary<RowSource, string> names)
    {
        _graph = graph;
        foreach (var layer in layers)
        {
            for (var level = 0; level < layer.Levels.Count; level++)
            {
                var node = layer.Levels[level];
                for (var direction = 0; direction < node.Directions; direction++)
                {
                    var end = $"l{level}{(direction == 1 ? "_reverse" : "")}";
                    Add(new StatePart(node, direction, IsCell: false), $"{names[layer]}.h_{end}");
                    if (node.Options is LstmAttribute)
                    {
                        Add(new StatePart(node, direction, IsCell: true), $"{names[layer]}.c_{end}");
                    }
                }
            }
        }
    }

    /// <summary>The graph's inputs that are states, with what they are.</summary>
    /// <exception cref="InvalidDataException">One starts two layers, or its parts are in another order than the layers.</exception>
    public IReadOnlyList<StateInput> Inputs()
    {
        var names = InputsOf(_graph).ToList();
        return names.ConvertAll(name =>
        {
            var uses = _slots.Select(s => (Slot: s, Part: PartOf(s.State))).Where(u => u.Part is { } part && part.Source.Name == name)
                .Select(u => new Use(u.Slot, RangesOf(u.Slot.State, u.Part!))).ToList();
            Check(name, uses);
            var axes = _graph.AxesOfInput(name);
            var meaning = uses.Count == 0 ? "the initial state of layers that the output does not need"
                : string.Join(", ", uses.GroupBy(u => u.Slot.State with { Direction = 0 }).Select(g =>
                    $"{(g.Key.IsCell ? "initial_c" : "initial_h")} of {g.Key.Node.Start.Subject} (" +
                    string.Join(", ", g.Select(u => IsWhole(u, axes) ? u.Slot.Name : $"{u.Slot.Name} from {Text(u.Ranges, axes)}")) + ")"));
            return new StateInput(name, [.. axes.Select(a => (int)(a.Size ?? 0))], meaning);
        });
    }

    /// <summary>The names of the graph's inputs that start recurrent nodes, needed or not.</summary>
    public static IEnumerable<string> InputsOf(GraphImport graph) =>
        graph.Recurrents.SelectMany(r => new[] { r.Start.Hidden, r.Start.Cell }).OfType<InputPartValue>().Select(p => p.Source.Name)
            .Distinct(StringComparer.Ordinal);

    /// <summary>What an output that holds final states holds, in words.</summary>
    /// <exception cref="InvalidDataException">They are in another order than the layers, and that is not allowed.</exception>
    public string Describe(string output, StatesValue states, bool mayBeInAnyOrder)
    {
        var slots = states.Parts.Select(p => _slots.Find(s => s.State == p)).ToList();
        if (slots.Contains(null))
        {
            return "it holds final states of layers that the output does not need";
        }

        foreach (var (first, second) in slots.Zip(slots.Skip(1)))
        {
            if (!mayBeInAnyOrder && first!.State.IsCell == second!.State.IsCell && _slots.IndexOf(first) >= _slots.IndexOf(second))
            {
                throw _graph.Error(
                    $"output '{output}' holds the final state {first.Name} before {second.Name}, which is not the layers' order; export " +
                    "the model with that order, or name the output to be read " +
                    $"in {nameof(OnnxImportOptions)}.{nameof(OnnxImportOptions.Output)}, which leaves this one out");
            }
        }

        return $"it holds the final state {string.Join(", ", slots.Select(s => s!.Name))}, which a call returns";
    }

    private void Add(StatePart state, string name)
    {
        // A node whose rows and final state are both read is two layers, which start alike.
        if (_slots.FindIndex(s => s.State == state) is >= 0 and var known)
        {
            _slots[known] = _slots[known] with { Name = $"{_slots[known].Name} and {name}" };
        }
        else
        {
            _slots.Add(new Slot(name, state));
        }
    }

    private void Check(string input, List<Use> uses)
    {
        var axes = _graph.AxesOfInput(input);
        for (var k = 0; k < uses.Count; k++)
        {
            foreach (var earlier in uses.Take(k))
            {
                var use = uses[k];
                if (earlier.Ranges.Zip(use.Ranges).All(r => Overlap(r.First, r.Second)))
                {
                    throw _graph.Error(
                        $"its input '{input}' starts both {earlier.Slot.Name} and {use.Slot.Name} with the same numbers; " +
                        "each layer has a state of its own: export the model with one for each");
                }

                var isSameKind = earlier.Slot.State.IsCell == use.Slot.State.IsCell;
                if ((isSameKind || earlier.Slot.State.Node == use.Slot.State.Node) && Compare(earlier.Ranges, use.Ranges) > 0)
                {
                    throw _graph.Error(
                        $"the part {Text(use.Ranges, axes)} of its input '{input}' starts {use.Slot.Name}, and the " +
                        $"part {Text(earlier.Ranges, axes)} behind it starts {earlier.Slot.Name}, which is not the layers' order; export " +
                        "the model so that the first part starts the first layer");
                }
            }
        }

        // Parts that start layers which the output does not need may be missing.
        var starting = _graph.Recurrents.Count(r => r.Start.Hidden?.Source.Name == input || r.Start.Cell?.Source.Name == input);
        if (uses.Count > 0 && uses.Select(u => u.Slot.State.Node).Distinct().Count() == starting && Gap(uses, axes) is { } gap)
        {
            throw _graph.Error(
                $"no layer starts from the part {gap} of its input '{input}', so that the others are not counted as the layers are; " +
                "export the model without it");
        }
    }

    /// <summary>A part between those that are used, or before or behind them, which nothing starts from.</summary>
    private static string? Gap(List<Use> uses, Axis[] axes)
    {
        for (var a = 0; a < axes.Length; a++)
        {
            var next = 0L;
            foreach (var (start, count) in uses.Select(u => u.Ranges[a]).Distinct().OrderBy(r => r.Start))
            {
                if (start > next)
                {
                    break;
                }

                next = start + (count ?? 0);
            }

            if (axes[a].Size is { } size && next < size)
            {
                return Text([.. axes.Select((axis, other) => other == a ? (next, 1L) : (0L, axis.Size))], axes);
            }
        }

        var cells = Enumerable.Range(0, axes.Length).Aggregate(1L,
            (product, a) => product * uses.Select(u => u.Ranges[a]).Distinct().Count());
        return cells == uses.Count ? null : "between those that are used";
    }

    private static InputPartValue? PartOf(StatePart state) => state.IsCell ? state.Node.Start.Cell : state.Node.Start.Hidden;

    /// <summary>The ranges of one direction of a part.</summary>
    private static (long Start, long? Count)[] RangesOf(StatePart state, InputPartValue part)
    {
        (long Start, long? Count)[] ranges = [.. part.Ranges];
        if (part.Origins[state.Node.Start.DirectionAxis] is >= 0 and var axis && state.Node.Directions > 1)
        {
            ranges[axis] = (ranges[axis].Start + state.Direction, 1);
        }

        return ranges;
    }

    private static bool IsWhole(Use use, Axis[] axes) => use.Ranges.Zip(axes).All(r => r.First == (0L, r.Second.Size));

    private static bool Overlap((long Start, long? Count) a, (long Start, long? Count) b) =>
        (a.Count is null || b.Start < a.Start + a.Count) && (b.Count is null || a.Start < b.Start + b.Count);

    private static int Compare((long Start, long? Count)[] a, (long Start, long? Count)[] b) =>
        a.Zip(b).Select(r => r.First.Start.CompareTo(r.Second.Start)).FirstOrDefault(c => c != 0);

    /// <summary>Ranges as Python writes them, e.g. <c>[1, :, :]</c>.</summary>
    private static string Text((long Start, long? Count)[] ranges, Axis[] axes) =>
        "[" + string.Join(", ", ranges.Zip(
            axes,
            (r, axis) => r.Count is null || r.Count == axis.Size ? ":" : r.Count == 1 ? $"{r.Start}" : $"{r.Start}:{r.Start + r.Count}")) +
        "]";

    /// <summary>A state of the model by its name in a call.</summary>
    private sealed record Slot(string Name, StatePart State);

    /// <summary>The part of an input that a state is.</summary>
    private sealed record Use(Slot Slot, (long Start, long? Count)[] Ranges);
}
