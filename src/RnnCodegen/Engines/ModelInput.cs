namespace RnnCodegen;

/// <summary>What a model reads: rows of features [T, B, I], or token ids [T, B]; the other is empty.</summary>
internal readonly ref struct ModelInput
{
    public ModelInput(ReadOnlySpan<float> rows) => Rows = rows;

    public ModelInput(ReadOnlySpan<int> tokens) => Tokens = tokens;

    public ReadOnlySpan<float> Rows { get; }

    public ReadOnlySpan<int> Tokens { get; }
}
