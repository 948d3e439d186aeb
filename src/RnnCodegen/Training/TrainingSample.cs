namespace RnnCodegen;

/// <summary>One sequence and what the model should make of it; of each pair one memory is used.</summary>
internal readonly record struct TrainingSample(
    int Steps, ReadOnlyMemory<float> Rows, ReadOnlyMemory<int> Tokens, ReadOnlyMemory<float> Values, ReadOnlyMemory<int> Classes);
