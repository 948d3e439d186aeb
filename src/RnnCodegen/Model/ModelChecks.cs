using System.Diagnostics.CodeAnalysis;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Refuses wrong arguments by name, before anything is written.</summary>
internal static class ModelChecks
{
    public static void Features(ModelDefinition model, ReadOnlySpan<float> x, int steps, int batch)
    {
        Sizes(steps, batch);
        if (model.TakesTokens)
        {
            ThrowInput(model, x.Length);
        }

        var expected = Product(steps, batch, model.InputSize);
        if (x.Length != expected)
        {
            ThrowLength(nameof(x), x.Length, expected, $"T {steps} x B {batch} x I {model.InputSize}");
        }
    }

    public static void Tokens(ModelDefinition model, ReadOnlySpan<int> tokens, long expected, string name)
    {
        if (!model.TakesTokens)
        {
            throw new ArgumentException($"{model.Name} takes rows of {model.InputSize} features, not token ids.", name);
        }

        if (tokens.Length != expected || expected < 1)
        {
            ThrowLength(name, tokens.Length, expected, "T x B, both at least 1");
        }

        var wrong = tokens.IndexOfAnyExceptInRange(0, model.Vocabulary - 1);
        if (wrong >= 0)
        {
            throw new ArgumentOutOfRangeException(name, tokens[wrong],
                $"The token at {wrong} is not an id of {model.Name}: ids run from 0 to {model.Vocabulary - 1}.");
        }
    }

    /// <summary>Refuses rows [T, B, I] with anything but ids in the columns of categories.</summary>
    public static void Categories(ModelDefinition model, ReadOnlySpan<float> x, int batch, ReadOnlySpan<int> lengths)
    {
        if (FindBadId(model, x, batch, lengths) is { } bad)
        {
            throw new ArgumentOutOfRangeException(nameof(x), bad.Value, bad.Text);
        }
    }

    /// <summary>The first value in a column of categories that is no id; rows past a sample's length may hold anything.</summary>
    public static (float Value, string Text)? FindBadId(
        ModelDefinition model, ReadOnlySpan<float> x, int batch, ReadOnlySpan<int> lengths)
    {
        for (var k = 0; k < model.Categories.Count; k++)
        {
            var category = model.Categories[k];
            for (var row = 0; (long)row * model.InputSize < x.Length; row++)
            {
                var (step, sample) = (row / batch, row % batch);
                var id = x[(row * model.InputSize) + category.Column];
                if (!IsId(id, category) && (lengths.IsEmpty || step < lengths[sample]))
                {
                    return (id, DescribeId(model, category, id, $"step {step}{(batch > 1 ? $" of sample {sample}" : "")}"));
                }
            }
        }

        return null;
    }

    /// <summary>Whether a value is a category's id.</summary>
    public static bool IsId(float value, CategoryColumn category) => value >= 0 && value < category.Count && value == MathF.Floor(value);

    /// <summary>What is wrong with an id, and where it stands.</summary>
    public static string DescribeId(ModelDefinition model, CategoryColumn category, float value, string place) =>
        FormattableString.Invariant($"Column {category.Column} at {place} is {value}, no category of {category.Layer} of {model.Name}: ") +
        $"ids are whole numbers from 0 to {category.Count - 1}.";

    public static void Output(ModelDefinition model, int length, int steps, int batch, string name)
    {
        Sizes(steps, batch);
        if (steps < model.LeastSteps)
        {
            throw new ArgumentOutOfRangeException(nameof(steps), steps,
                $"{model.Name} needs at least {model.LeastSteps} steps: its windows over time see as many.");
        }

        var expected = Product(model.OutputIsSequence ? model.OutputSteps(steps) : 1, batch, model.OutputSize);
        if (length != expected)
        {
            ThrowLength(name, length, expected,
                $"{(model.OutputIsSequence ? $"T {model.OutputSteps(steps)} x " : "")}B {batch} x F {model.OutputSize}");
        }
    }

    public static void InputGradient(ModelDefinition model, int length, Tape tape)
    {
        if (length == 0)
        {
            return;
        }

        if (model.TakesTokens)
        {
            throw new ArgumentException($"{model.Name} takes token ids, which have no gradient; pass an empty span.", "dx");
        }

        var expected = Product(tape.Steps, tape.Batch, model.InputSize);
        if (length != expected)
        {
            ThrowLength("dx", length, expected, $"T {tape.Steps} x B {tape.Batch} x I {model.InputSize}, or nothing");
        }
    }

    public static void Lengths(ReadOnlySpan<int> lengths, int steps, int batch)
    {
        if (lengths.IsEmpty)
        {
            return;
        }

        if (lengths.Length != batch)
        {
            ThrowLength(nameof(lengths), lengths.Length, batch, "one per sample, or nothing");
        }

        var wrong = lengths.IndexOfAnyExceptInRange(0, steps);
        if (wrong >= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(lengths), lengths[wrong],
                $"The length of sample {wrong} must lie between 0 and T = {steps}.");
        }
    }

    public static void OptionalState(ModelDefinition model, ModelState? state, int batch, string name)
    {
        if (state is not null)
        {
            State(model, state, batch, name);
        }
    }

    public static void State(ModelDefinition model, ModelState state, int batch, string name)
    {
        if (!state.IsCompatible(model, batch))
        {
            ThrowState(model, state, batch, name);
        }
    }

    /// <summary>The memory that a model attends to, which comes with a state; null where it attends to none.</summary>
    public static ModelMemory? Memory(ModelDefinition model, ModelState? state, int batch, string name)
    {
        if (model.MemorySize == 0)
        {
            return null;
        }

        var memory = state?.Memory;
        if (memory is null || memory.Batch != batch)
        {
            ThrowMemory(model, batch, name);
        }

        return memory;
    }

    public static void Tape(ModelDefinition model, string layout, Tape tape)
    {
        if (!ReferenceEquals(tape.Definition, model))
        {
            throw new ArgumentException($"The tape is of {tape.Definition.Name}; {model.Name} needs its own: CreateTape.", nameof(tape));
        }

        if (tape.Buffer.Layout != layout)
        {
            throw new ArgumentException(
                $"The tape is laid out for {tape.Buffer.Layout}; this model's code is {layout}: CreateTape.", nameof(tape));
        }
    }

    /// <summary>A number of values, or the largest long where it is more: a product that wrapped could be what a short span has.</summary>
    public static long Product(int a, int b, int c) => (long)Int128.Min((Int128)a * b * c, long.MaxValue);

    /// <summary>Returns the floats of a call's memory; refuses more than one buffer holds, with the sizes that ask for them.</summary>
    public static long Room(ModelDefinition model, string what, long floats, int steps, int batch)
    {
        if (floats < 0 || floats > AlignedBuffer.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(batch), batch,
                $"{what} of {model.Name} for T = {steps} steps and B = {batch} samples needs {floats} floats; at " +
                $"most {AlignedBuffer.MaxLength} fit. Take fewer steps or samples at a time.");
        }

        return floats;
    }

    [DoesNotReturn]
    public static void ThrowNotStreaming(ModelDefinition model) =>
        throw new InvalidOperationException($"{model.Name} cannot stream: it needs the whole sequence. Use Run.");

    [DoesNotReturn]
    public static void ThrowNarrowState(string layout, string name) =>
        throw new ArgumentException($"The state is laid out for narrower vectors than this model's {layout}: CreateState.", name);

    [DoesNotReturn]
    public static void ThrowInput(ModelDefinition model, int length) => throw new ArgumentException(
        model.TakesTokens ? $"{model.Name} takes token ids, not rows of features."
        : model.StepRows > 1 ? $"The step has {length} values; {model.Name} takes {model.StepRows} rows of {model.InputSize}."
        : $"The row has {length} values; {model.Name} takes {model.InputSize}.", "x");

    [DoesNotReturn]
    public static void ThrowLength(string name, long length, long expected, string shape) =>
        throw new ArgumentException($"The span has {length} values; expected {expected} ({shape}).", name);

    private static void Sizes(int steps, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
    }

    [DoesNotReturn]
    private static void ThrowState(ModelDefinition model, ModelState state, int batch, string name) => throw new ArgumentException(
        $"The state is of {state.Definition.Name} with {state.Batch} samples; {model.Name} needs its own with {batch}: " +
        $"CreateState({batch}).", name);

    [DoesNotReturn]
    private static void ThrowMemory(ModelDefinition model, int batch, string name) => throw new ArgumentException(
        $"{model.Name} attends to a memory, which comes with its state: call SetMemory on a state of {batch} samples, " +
        "e.g. with an encoder's outputs, and pass it.",
        name);
}
