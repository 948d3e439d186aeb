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
