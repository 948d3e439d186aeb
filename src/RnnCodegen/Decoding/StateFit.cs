namespace RnnCodegen;

/// <summary>Whether a model's final state can be another's initial one.</summary>
internal static class StateFit
{
    /// <summary>Says what differs and how to cure it; null where the states fit.</summary>
    public static string? FindFault(ModelDefinition encoder, ModelDefinition decoder)
    {
        var (from, to) = (encoder.State, decoder.State);
        var difference = from.Count == 0 ? $"{encoder.Name} has no recurrent state" : null;
        for (var i = 0; i < Math.Max(from.Count, to.Count) && difference is null; i++)
        {
            difference = i >= to.Count ? $"{from[i].Name} has no counterpart"
                : i >= from.Count ? $"nothing becomes {to[i].Name}"
                : from[i].Size != to[i].Size || Kind(from[i]) != Kind(to[i]) ? $"{Describe(from[i])} cannot become {Describe(to[i])}"
                : null;
        }

        if (difference is null)
        {
            return FindMemoryFault(encoder, decoder);
        }

        var cure = from.Any(slot => slot.Name.EndsWith("_reverse", StringComparison.Ordinal))
            ? "The encoder has two directions: make it one of one direction, or give the decoder a layer for each direction of each of " +
                "the encoder's layers."
            : "Give both the same kind of recurrent layer, with as many layers and units.";
        return $"The final state of {encoder.Name} [{List(from)}] does not fit the initial state " +
            $"of {decoder.Name} [{List(to)}]: {difference}. {cure}";
    }

    private static string? FindMemoryFault(ModelDefinition encoder, ModelDefinition decoder)
    {
        if (decoder.MemorySize == 0 || (encoder.OutputIsSequence && encoder.OutputSize == decoder.MemorySize))
        {
            return null;
        }

        var rows = encoder.OutputIsSequence ? $"rows of {encoder.OutputSize}" : "one row per sequence";
        return $"{decoder.Name} attends to rows of {decoder.MemorySize}, and the output of {encoder.Name} is {rows}: " +
            $"set MemorySize of {decoder.Name} to the width of the encoder's output, and let that be one row per step.";
    }

    private static string List(IReadOnlyList<StateSlot> slots) => string.Join(", ", slots.Select(Describe));

    private static string Describe(StateSlot slot) => $"{slot.Name} of {slot.Size}";

    /// <summary>The vector's letter: names are a layer's, a dot, and h or c with the place in a stack.</summary>
    private static char Kind(StateSlot slot) => slot.Name[slot.Name.LastIndexOf('.') + 1];
}
