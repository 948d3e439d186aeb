namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>What one call of a model is given; rows and tokens are time-major.</summary>
/// <param name="Steps">Time steps T.</param>
/// <param name="Batch">Samples B.</param>
internal sealed record SequenceCall(int Steps, int Batch)
{
    /// <summary>Rows [T, B, I] of a feature model.</summary>
    public float[] Rows { get; init; } = [];

    /// <summary>Ids [T, B] of a token model.</summary>
    public int[] Tokens { get; init; } = [];

    /// <summary>Valid steps of each sample; all where empty.</summary>
    public int[] Lengths { get; init; } = [];

    /// <summary>State vectors [B, H] by slot that do not start as the model's own do.</summary>
    public IReadOnlyDictionary<string, float[]> Initial { get; init; } = new Dictionary<string, float[]>();

    /// <summary>Swaps the first two axes: [N, T, ...] to [T, N, ...], or back.</summary>
    public static T[] SwapAxes<T>(T[] values, int first, int second)
    {
        var width = values.Length / (first * second);
        var result = new T[values.Length];
        for (var row = 0; row < first * second; row++)
        {
            var (a, b) = (row / second, row % second);
            Array.Copy(values, row * width, result, ((b * first) + a) * width, width);
        }

        return result;
    }
}

/// <summary>What one call gave.</summary>
/// <param name="Way">How it was made: Run or Step.</param>
/// <param name="Y">The output rows [T, B, F], or [B, F] where they are one per sequence.</param>
/// <param name="Final">The state [B, H] after each sample's last valid step, by slot.</param>
internal sealed record SequenceResult(string Way, float[] Y, IReadOnlyDictionary<string, float[]> Final)
{
    /// <summary>The state [B, H] after each step, by slot; only where the model was stepped, and with one sample.</summary>
    public IReadOnlyDictionary<string, List<float[]>> History { get; init; } = new Dictionary<string, List<float[]>>();

    /// <summary>The outputs beside what is expected of them.</summary>
    public Comparison Output(float[] expected) => new($"{Way} y", Y, expected);

    /// <summary>A final state beside what is expected of it.</summary>
    public Comparison State(string slot, float[] expected) => new($"{Way} {slot}", Final[slot], expected);
}
