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

    public bool IsValid(int step, int sample) => Lengths is null || step < Lengths[sample];
}
