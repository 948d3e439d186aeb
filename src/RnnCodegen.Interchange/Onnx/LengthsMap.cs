namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// Which layers a graph gives the sequences' lengths. Here lengths hold for all layers, in a graph only for the nodes that read them, so
/// that what is said of padded sequences depends on the others.
/// </summary>
/// <param name="Input">The graph's input that holds the lengths.</param>
/// <param name="Notes">What to know of it, a sentence each.</param>
internal sealed record LengthsMap(string Input, IReadOnlyList<string> Notes)
{
    /// <summary>The lengths that the layers of a model read; null where they read none.</summary>
    /// <exception cref="InvalidDataException">They read two inputs of lengths.</exception>
    public static LengthsMap? Of(GraphImport graph, IReadOnlyList<DraftLayer> layers, IReadOnlyDictionary<RowSource, string> names)
    {
        var readers = layers.Where(l => l.Lengths is not null).ToList();
        if (readers.Count == 0)
        {
            return null;
        }

        var input = readers[0].Lengths!;
        if (readers.Find(l => l.Lengths != input) is { } other)
        {
            throw graph.Error(
                $"{names[readers[0]]} takes the sequences' lengths from '{input}' and {names[other]} from '{other.Lengths}'; " +
                "a call has one length for each sequence: export the model with one input of lengths");
        }

        var notes = new List<string> { $"The file's input '{input}' gives the sequences' lengths; here they are an argument of the call." };
        var deaf = layers.Where(CountsEveryStep).Select(l => l.LastStepBy is { } node && l.Lengths is not null ? node : names[l]).ToList();
        if (deaf.Count > 0)
        {
            notes.Add(
                $"Of the layers, {Listed(readers.Select(l => names[l]))} leave{(readers.Count == 1 ? "s" : "")} out the steps behind a " +
                $"sequence's length, but {Listed(deaf)} read{(deaf.Count == 1 ? "s" : "")} every step. Lengths hold for all layers here, " +
                "so what the file makes of padded sequences cannot be had: give sequences without padding, and without lengths.");
        }

        if (layers.FirstOrDefault(ChangesSteps) is { } resizer)
        {
            notes.Add(
                $"Lengths count the steps of the model's input here, also where {names[resizer]} makes others of them; " +
                "in the file they count those of the layers that read them.");
        }

        return new LengthsMap(input, notes);
    }

    /// <summary>
    /// Whether a layer mixes steps without regard to lengths, and not only with zeros, as callers pad with and recurrent layers leave
    /// behind a sequence's end.
    /// </summary>
    private static bool CountsEveryStep(DraftLayer layer) => layer.LastStepBy is not null || (layer.Lengths is null && layer.Options switch
    {
        RecurrentAttribute or Pool1dAttribute or GlobalPoolAttribute or AttentionPoolAttribute or ReverseTimeAttribute => true,
        Conv1dAttribute { Kernel: > 1 } => layer.Sources[0] is DraftLayer { Lengths: null },
        _ => false,
    });

    private static bool ChangesSteps(DraftLayer layer) => layer.Options is Pool1dAttribute or Conv1dAttribute { Stride: > 1 }
        || (layer.Options is Conv1dAttribute { Padding: TimePadding.Valid } conv
            && conv.PadLeft + (long)conv.PadRight != conv.Dilation * (conv.Kernel - 1L));

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names);
}
