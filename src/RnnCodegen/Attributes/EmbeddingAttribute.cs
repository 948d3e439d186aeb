namespace RnnCodegen;

/// <summary>Turns token ids into rows of a trained table. Only as the first layer; the model's input is then token ids.</summary>
/// <param name="vocabulary">Number of tokens V; ids run from 0 to V - 1.</param>
/// <param name="size">Features of a row.</param>
public sealed class EmbeddingAttribute(int vocabulary, int size) : LayerAttribute
{
    /// <summary>Number of tokens.</summary>
    public int Vocabulary { get; } = vocabulary;

    /// <summary>Features of a row.</summary>
    public int Size { get; } = size;
}
