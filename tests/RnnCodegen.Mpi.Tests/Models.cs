namespace RnnCodegen.Ranks.Tests;

[RnnModel(InputSize = 6)]
internal partial class Regressor
{
    [Lstm(48)] public partial LstmLayer Cell { get; }

    [Dense(3)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 6)]
internal partial class Classifier
{
    [Gru(40, Layers = 2, Dropout = 0.2f)] public partial GruLayer Cell { get; }

    [Dense(5)] public partial DenseLayer Head { get; }
}

[RnnModel]
internal partial class Speller
{
    [Embedding(11, 8)] public partial EmbeddingLayer Letters { get; }

    [Gru(16, LearnedInitialState = true)] public partial GruLayer Cell { get; }

    [Dense(11)] public partial DenseLayer Head { get; }
}

[RnnModel]
internal partial class Reader
{
    [Embedding(10, 8)] public partial EmbeddingLayer Words { get; }

    [Gru(16, Layers = 2, Dropout = 0.2f)] public partial GruLayer Cell { get; }
}

[RnnModel]
internal partial class Speaker
{
    [Embedding(12, 8)] public partial EmbeddingLayer Words { get; }

    [Gru(16, Layers = 2, Dropout = 0.2f)] public partial GruLayer Cell { get; }

    [Dense(11)] public partial DenseLayer Head { get; }
}

[RnnModel(MemorySize = 16)]
internal partial class AttendingSpeaker
{
    [Embedding(12, 8)] public partial EmbeddingLayer Words { get; }

    [Gru(16, Layers = 2, Dropout = 0.2f)] public partial GruLayer Cell { get; }

    [Attention(Score = AttentionScore.General)] public partial AttentionLayer Context { get; }

    [Concat(nameof(Cell), nameof(Context))] public partial ConcatLayer Both { get; }

    [Dense(11)] public partial DenseLayer Head { get; }
}
