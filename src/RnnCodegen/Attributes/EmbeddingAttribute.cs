namespace RnnCodegen;

/// <summary>
/// Turns ids into rows of a trained table. As the first layer it reads token ids, which then are the model's input. With a
/// <see cref="Column"/> it reads that column of the model's rows of features as category ids: the other columns are handed on in their
/// order, followed by the category's row. Embeddings of several columns are the first layers, one after the other.
/// </summary>
/// <param name="vocabulary">Number of ids V; they run from 0 to V - 1.</param>
/// <param name="size">Features of a row of the table.</param>
public sealed class EmbeddingAttribute(int vocabulary, int size) : LayerAttribute
{
    /// <summary>Number of ids.</summary>
    public int Vocabulary { get; } = vocabulary;

    /// <summary>Features of a row of the table.</summary>
    public int Size { get; } = size;

    /// <summary>
    /// The column of the model's input that holds the ids, counted from 0; -1, unless set, where the input is token ids. Its values are
    /// whole numbers; others are refused. The column's own gradient is 0.
    /// </summary>
    public int Column { get; set; } = -1;
}
