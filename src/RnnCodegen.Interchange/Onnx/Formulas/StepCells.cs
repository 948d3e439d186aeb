namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>Finds the cells of a step, and makes layers of them.</summary>
/// <param name="graph">The graph that gets the layers.</param>
/// <param name="scope">The part of the graph's names that the layers have.</param>
/// <param name="subject">The node, in words.</param>
internal sealed class StepCells(GraphImport graph, string scope, string subject)
{
    private const int MostParts = 32;

    private readonly List<CellMatch> _found = [];
    private readonly Dictionary<CellMatch, RecurrentRows> _nodes = [];
    private readonly FormulaLayers _layers = new(graph, scope, subject);

    /// <summary>Says who makes the rows of a formula.</summary>
    public void Set(Formula formula, RowSource source) => _layers.Set(formula, source);

    /// <summary>The rows of a formula of a step.</summary>
    public RowSource Make(Formula formula) => _layers.Make(formula);

    /// <summary>
    /// The parts of a state that a step reads, with what they become: all of it, or ranges that hold several layers' states or h and c.
    /// </summary>
    /// <param name="before">The state.</param>
    /// <param name="after">What it becomes.</param>
    /// <param name="roots">All that the step computes.</param>
    public IReadOnlyList<StepState> PartsOf(Formula before, Formula after, IEnumerable<Formula> roots)
    {
        var all = Formula.Needed(roots);
        var isRead = all.Exists(f => f is not PickFormula && f.Arguments.Contains(before));
        var picks = all.OfType<PickFormula>().Where(p => p.Arguments[0] == before).ToList();
        return isRead || picks.Count == 0 ? [new StepState(before, after)]
            : picks.Count > MostParts ? throw new RefusalException($"{subject}: it reads a state in {picks.Count} parts")
            : [.. picks.Select(p => new StepState(p, graph.Formulas.Graph.Pick(after, p.Places)))];
    }

    /// <summary>Recognises the cells whose states these are.</summary>
    /// <exception cref="RefusalException">A state is no known cell's.</exception>
    public void Find(IReadOnlyList<StepState> states)
    {
        var left = states.ToList();
        while (left.Count > 0)
        {
            var match = left.SelectMany(h => left.Where(c => c != h).Select(c => CellMatch.Find(h, c)))
                .Concat(left.Select(h => CellMatch.Find(h, null))).FirstOrDefault(m => m is not null)
                ?? throw new RefusalException(
                    $"{subject}: what a step makes of {(left.Count == 1 ? "the state" : $"{left.Count} states")} is none of the cells " +
                    "that layers have: LSTM, GRU, Elman, minGRU, minLSTM, with the functions that these know");
            _found.Add(match);
            left.RemoveAll(s => s == match.Hidden || s == match.Cell);
        }
    }

    /// <summary>Makes the layers, each behind those that it reads.</summary>
    /// <param name="isReverse">Whether the steps are gone through from the last to the first.</param>
    /// <param name="startOf">What a state starts from: a part of an input, or numbers; zeros where both are null.</param>
    public void Build(bool isReverse, Func<StepState, (InputPartValue? Part, float[]? Values)> startOf)
    {
        foreach (var match in _found.OrderBy(m => m.Hidden.After.Id))
        {
            RowSource[] sources = [.. match.Inputs.Select(_layers.Make)];
            var source = sources is [var only] ? only : RowLayers.SideBySide(graph, scope, sources);
            var (h, c) = (startOf(match.Hidden), match.Cell is null ? default : startOf(match.Cell));
            var isLearned = h.Values is not null || c.Values is not null;
            if (isLearned && (h.Part ?? c.Part) is not null)
            {
                throw new RefusalException(
                    $"{subject}: one of its states starts from an input and the other from constants other than zero; a layer learns " +
                    "both or neither");
            }

            var sequence = new DraftLayer(scope, match.Hidden.After.Width, isSequence: true, source)
            {
                Options = match.Options(isLearned, isReverse, true), Order = graph.NodeIndex,
            };
            foreach (var (name, weights) in match.Parameters)
            {
                sequence.Parameters.Add(name, weights);
            }

            if (isLearned)
            {
                sequence.Parameters.Add("h0_l0", WeightValues.Vector(h.Values ?? new float[sequence.Width]));
                if (match.Cell is not null)
                {
                    sequence.Parameters.Add("c0_l0", WeightValues.Vector(c.Values ?? new float[sequence.Width]));
                }
            }

            var final = sequence.On(isSequence: false, source);
            (final.Order, final.Options) = (sequence.Order, match.Options(isLearned, isReverse, false));
            var node = new RecurrentRows(sequence, final, new NodeStart(subject, h.Part, c.Part, 0));
            graph.Recurrents.Add(node);
            _nodes.Add(match, node);
            _layers.Set(match.Hidden.After, node);
        }
    }

    /// <summary>The final state that a state of the step is.</summary>
    public StatePart? FinalOf(StepState state) => _found.Find(m => m.Hidden == state || m.Cell == state) is { } match
        ? new StatePart(_nodes[match], 0, match.Cell == state)
        : null;
}
