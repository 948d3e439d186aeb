namespace RnnCodegen;

/// <summary>
/// One sequence, what the model should make of it, and how much that counts. Of rows and tokens one is used, and of values and ids: class
/// ids, one per row, or labels.
/// </summary>
internal readonly record struct TrainingSample(
    int Steps, ReadOnlyMemory<float> Rows, ReadOnlyMemory<int> Tokens, ReadOnlyMemory<float> Values, ReadOnlyMemory<int> Ids, float Weight)
{
    /// <summary>A weight for each output row; empty where all are 1.</summary>
    public ReadOnlyMemory<float> StepWeights { get; init; }
}
