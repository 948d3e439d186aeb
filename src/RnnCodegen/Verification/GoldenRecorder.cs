using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Makes golden pairs of what a model computes.</summary>
internal static class GoldenRecorder
{
    /// <summary>A pair of Run's results; of <paramref name="x"/> and <paramref name="tokens"/> the one the model takes.</summary>
    public static GoldenPair Record(
        ModelCore core, ReadOnlySpan<float> x, ReadOnlySpan<int> tokens, int steps, int batch, ReadOnlySpan<int> lengths,
        ModelState? initial, double tolerance)
    {
        GoldenPair.RequireTolerance(tolerance);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var definition = core.Definition;
        int[] shape = definition.OutputIsSequence
            ? [definition.OutputSteps(steps), batch, definition.OutputSize]
            : [batch, definition.OutputSize];
        var values = ModelChecks.Product(definition.OutputIsSequence ? shape[0] : 1, batch, definition.OutputSize);
        var y = new float[ModelChecks.Room(definition, "The output", values, steps, batch)];
        var final = core.CreateState(batch);
        var takesTokens = !tokens.IsEmpty;
        if (takesTokens)
        {
            core.Run(tokens, y, steps, batch, lengths, initial, final);
        }
        else
        {
            core.Run(x, y, steps, batch, lengths, initial, final);
        }

        return new GoldenPair($"the pair recorded from {definition.Name}", steps, batch, new SafeTensor(GoldenPair.OutputName, shape, y))
        {
            Input = takesTokens ? null : new SafeTensor(GoldenPair.InputName, [steps, batch, definition.InputSize], x.ToArray()),
            Tokens = takesTokens ? tokens.ToArray() : null,
            Lengths = lengths.ToArray(),
            Memory = Memory(initial),
            MemoryLengths = initial?.Memory?.ValidRows.ToArray() ?? [],
            Initial = States(GoldenPair.InitialPrefix, initial),
            Final = States(GoldenPair.FinalPrefix, final),
            Tolerance = tolerance,
        };
    }

    private static SafeTensor? Memory(ModelState? state)
    {
        if (state?.Memory is not { } memory)
        {
            return null;
        }

        var rows = new float[memory.Steps * memory.Batch * memory.Width];
        memory.CopyTo(rows);
        return new SafeTensor(GoldenPair.MemoryName, [memory.Steps, memory.Batch, memory.Width], rows);
    }

    private static Dictionary<string, SafeTensor> States(string prefix, ModelState? state)
    {
        var tensors = new Dictionary<string, SafeTensor>(StringComparer.Ordinal);
        foreach (var slot in state?.Slots ?? [])
        {
            var values = new float[state!.Batch * slot.Size];
            for (var sample = 0; sample < state.Batch; sample++)
            {
                state.Vector(slot.Name, sample).CopyTo(values.AsSpan(sample * slot.Size));
            }

            tensors.Add(slot.Name, new SafeTensor(prefix + slot.Name, [state.Batch, slot.Size], values));
        }

        return tensors;
    }
}
