namespace RnnCodegen.Interchange.Onnx;

/// <summary>The output that the model is to have.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Rows">What it is.</param>
/// <param name="Others">The graph's other outputs.</param>
internal sealed record ChosenOutput(string Name, RowsValue Rows, IReadOnlyList<string> Others);

/// <summary>
/// Finds the output among those of a graph: the one named, or the only one that is rows. Final states beside it are left out, because a
/// call returns them anyway; where nothing else is there, a final hidden state is the output.
/// </summary>
internal sealed class OutputChoice(GraphImport graph, OnnxImportOptions options)
{
    private readonly List<string> _names = [.. graph.Proto.Outputs.Select(o => o.Name)];

    /// <exception cref="InvalidDataException">There is none, or more than one.</exception>
    public ChosenOutput Choose()
    {
        if (options.Output is { } wanted)
        {
            return _names.Contains(wanted) ? Take(wanted) : throw graph.Error($"it has no output '{wanted}', but {Listed(_names)}");
        }

        var refused = _names.Where(n => Reason(graph.ValueOf(n)) is not null && graph.ValueOf(n).Origin != Origin.States).ToList();
        if (refused.Count > 0)
        {
            var others = _names.Except(refused).ToList();
            throw graph.Error(
                $"output '{refused[0]}': {Reason(graph.ValueOf(refused[0]))}" +
                (others.Count == 0
                    ? ""
                    : " (another output can be named " +
                        $"in {nameof(OnnxImportOptions)}.{nameof(OnnxImportOptions.Output)}: {Listed(others)})"));
        }

        var rows = _names.FindAll(n => graph.ValueOf(n) is RowsValue { Source: not InputRows } or StepWeightsValue);
        var candidates = rows.Count > 0
            ? rows
            : _names.FindAll(n => graph.ValueOf(n) is StatesValue states && states.Parts.All(p => !p.IsCell));
        return candidates.Count switch
        {
            1 => Take(candidates[0]),
            0 when _names.Find(n => graph.ValueOf(n) is RefusedValue) is { } state => Take(state),
            0 => throw graph.Error($"none of its outputs is made by layers: {Listed(_names)}"),
            _ => throw graph.Error(
                $"several of its outputs are rows: {Listed(candidates)}; name one " +
                $"in {nameof(OnnxImportOptions)}.{nameof(OnnxImportOptions.Output)}"),
        };
    }

    private ChosenOutput Take(string name)
    {
        var value = graph.ValueOf(name);
        var rows = value switch
        {
            RowsValue { TimePads: (0, 0) } own => own,
            StatesValue states => RecurrentOps.ToRows(graph, states, why => graph.Error($"output '{name}': {why}")),
            _ when Reason(value) is { } reason => throw graph.Error($"output '{name}': {reason}"),
            _ => throw graph.Error($"output '{name}' is {NodeReader.Kind(value)}, not rows that a layer makes"),
        };
        return new ChosenOutput(name, rows, [.. _names.Where(n => n != name)]);
    }

    /// <summary>Why a value is no rows that a layer makes; null where nothing is known against it.</summary>
    private static string? Reason(GraphValue value) => (value as RefusedValue)?.Reason ?? (value as InputPartValue)?.Reason;

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
