using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>One named vector of a model's recurrent state.</summary>
/// <param name="Name">Layer and vector in PyTorch's naming, e.g. <c>Encoder.h_l0</c>, <c>Encoder.c_l1_reverse</c>.</param>
/// <param name="Size">Elements per sample.</param>
/// <param name="InitialOffset">First of the values before the first step among the flat parameters, where they are learned; -1 where they
/// are 0.</param>
public sealed record StateSlot(string Name, int Size, int InitialOffset = -1);

/// <summary>The sizes and names of a model, as the generator wrote them for the runtime.</summary>
public sealed class ModelDefinition
{
    /// <summary>The model's full name.</summary>
    public required string Name { get; init; }

    /// <summary>Features of an input row; 0 for token models.</summary>
    public required int InputSize { get; init; }

    /// <summary>Number of tokens; 0 for feature models.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The columns of the input that hold ids of categories, in the order of the embeddings that read them.</summary>
    public IReadOnlyList<CategoryColumn> Categories { get; init; } = [];

    /// <summary>Features of an output row.</summary>
    public required int OutputSize { get; init; }

    /// <summary>Whether the output is one row per step (true) or one row per sequence (false).</summary>
    public required bool OutputIsSequence { get; init; }

    /// <summary>Whether the model can run one step at a time.</summary>
    public required bool CanStream { get; init; }

    /// <summary>
    /// Floating-point operations of the products for one step of one sample. Where it is 0, a call is never worth more than one thread.
    /// </summary>
    public long FlopsPerStep { get; init; }

    /// <summary>Input rows that one streaming step takes: more than 1 where windows with a stride leave fewer rows than they see.</summary>
    public int StepRows { get; init; } = 1;

    /// <summary>Input steps that it takes to have an output.</summary>
    public int LeastSteps { get; init; } = 1;

    /// <summary>The windows that lead from the input's steps to the output's, one over the other.</summary>
    public IReadOnlyList<TimeWindow> OutputWindows { get; init; } = [];

    /// <summary>Features of a row of the memory that layers attend to; 0 where none does.</summary>
    public int MemorySize { get; init; }

    /// <summary>The layers that make keys of the memory's rows.</summary>
    public IReadOnlyList<MemoryKeys> MemoryKeys { get; init; } = [];

    /// <summary>The names of the layers that attend to the memory, in the model's order.</summary>
    public IReadOnlyList<string> AttentionLayers { get; init; } = [];

    /// <summary>The transform that inference applies to the output row.</summary>
    public required OutputTransform Output { get; init; }

    /// <summary>
    /// The activation that the outputs come from, before any output transform, of joined outputs the one that a loss of logits takes least;
    /// <see cref="Activation.Linear"/> where there is none, or where what follows it changes its range.
    /// </summary>
    public Activation OutputActivation { get; init; }

    /// <summary>The parameters, in the order of their flat buffer, without gaps.</summary>
    public required IReadOnlyList<ParameterInfo> Parameters { get; init; }

    /// <summary>The recurrent state's vectors.</summary>
    public required IReadOnlyList<StateSlot> State { get; init; }

    /// <summary>Steps of the output, given those of the input.</summary>
    /// <param name="steps">Time steps T of the input.</param>
    public int OutputSteps(int steps)
    {
        for (var k = 0; k < OutputWindows.Count; k++)
        {
            steps = OutputWindows[k].Steps(steps);
        }

        return steps;
    }

    /// <summary>An attention layer's place among them, by its name, which may be null where there is one.</summary>
    /// <exception cref="ArgumentException">There is no such layer, or there are several and none is named.</exception>
    internal int AttentionPlace(string? layer)
    {
        var place = layer is null && AttentionLayers.Count == 1 ? 0 : AttentionLayers.ToList().IndexOf(layer!);
        return place >= 0 ? place : throw new ArgumentException(
            $"{(layer is null ? "The layer must be named" : $"There is no attention layer '{layer}'")}: {Name} has " +
            $"{string.Join(", ", AttentionLayers)}.", nameof(layer));
    }

    /// <summary>Rows of the output for one batch.</summary>
    internal long OutputRows(int steps, int batch) => (long)(OutputIsSequence ? OutputSteps(steps) : 1) * batch;

    /// <summary>Whether the model's input is token ids.</summary>
    public bool TakesTokens => Vocabulary > 0;

    /// <summary>Number of trained values.</summary>
    public int ParameterCount => Parameters.Count == 0 ? 0 : Parameters[^1].Offset + Parameters[^1].Length;
}
