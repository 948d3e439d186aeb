namespace RnnCodegen.Reference;

/// <summary>What a model is run on; sequences are [T, B, F].</summary>
public sealed record ReferenceCall(int Steps, int Batch)
{
    /// <summary>Input rows; null for token models.</summary>
    public double[]? Input { get; init; }

    /// <summary>Token ids; null for feature models.</summary>
    public int[]? Tokens { get; init; }

    /// <summary>Valid steps of each sample; null when all are T.</summary>
    public int[]? Lengths { get; init; }

    /// <summary>Every tensor by name.</summary>
    public required IReadOnlyDictionary<string, double[]> Parameters { get; init; }

    /// <summary>State vectors [B, S] by name; where absent as learned, else 0.</summary>
    public IReadOnlyDictionary<string, double[]> InitialState { get; init; } = new Dictionary<string, double[]>();

    /// <summary>Rows that are attended to [S, B, M]; null where the model attends to none.</summary>
    public double[]? Memory { get; init; }

    /// <summary>Valid rows of each sample's memory; null when all are.</summary>
    public int[]? MemoryLengths { get; init; }

    /// <summary>The masks of the dropouts met, in order, given each one's rows, columns and probability; null in inference.</summary>
    public Func<int, int, int, double, double[]>? DropoutMask { get; init; }

    /// <summary>Whether weights are rounded as layers' formats say: in Step and Run.</summary>
    public bool RoundsWeights { get; init; }

    /// <summary>A state vector [B, S] before the first step: as given, else as learned, else 0.</summary>
    /// <param name="name">Its name; what is learned for Layer.h_l0 is Layer.h0_l0.</param>
    /// <param name="size">S.</param>
    public double[] Start(string name, int size) =>
        InitialState.TryGetValue(name, out var given) ? [.. given]
        : Parameters.TryGetValue(name.Insert(name.IndexOf('.', StringComparison.Ordinal) + 2, "0"), out var learned)
            ? [.. Enumerable.Repeat(learned, Batch).SelectMany(v => v)]
            : new double[Batch * size];

    public bool IsValid(int step, int sample) => Lengths is null || step < Lengths[sample];
}
