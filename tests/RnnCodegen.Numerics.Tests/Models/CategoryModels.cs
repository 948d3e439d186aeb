namespace RnnCodegen.Numerics.Tests.Models;

// Embeddings of columns: at the start, the middle and the end of rows, of one column and of several in either order, with other features
// and alone.

[RnnModel(InputSize = 4)]
public partial class CategoryFirst
{
    [Embedding(7, 3, Column = 0)] public partial EmbeddingLayer Day { get; }

    [Gru(9)] public partial GruLayer Cell { get; }

    [Dense(2)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 20)]
public partial class CategoriesBetween
{
    [Embedding(5, 17, Column = 18)] public partial EmbeddingLayer Shop { get; }

    [Embedding(30, 4, Column = 3)] public partial EmbeddingLayer Product { get; }

    [Embedding(2, 1, Column = 19)] public partial EmbeddingLayer Holiday { get; }

    [Lstm(12)] public partial LstmLayer Cell { get; }

    [Concat(nameof(Holiday), nameof(Cell))] public partial ConcatLayer Skip { get; }

    [Dense(3)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 1)]
public partial class CategoryAlone
{
    [Embedding(9, 16, Column = 0)] public partial EmbeddingLayer Word { get; }

    [Elman(8, ReturnSequences = false)] public partial ElmanLayer Cell { get; }

    [Dense(2)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 3)]
public partial class CategoryStrided
{
    [Embedding(6, 5, Column = 2)] public partial EmbeddingLayer Kind { get; }

    [Conv1d(8, 4, Stride = 2, Padding = TimePadding.Causal)] public partial Conv1dLayer Windows { get; }

    [Dropout(0.3f)] public partial DropoutLayer Noise { get; }

    [Gru(7)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 2)]
public partial class CategoryLast
{
    [Embedding(4, 2, Column = 1)] public partial EmbeddingLayer Kind { get; }
}
