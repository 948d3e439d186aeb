namespace RnnCodegen.Numerics.Tests.Models;

// Models that learn a task from the beginning.

[RnnModel(InputSize = 2)]
public partial class AddingLstm
{
    [Lstm(32, ReturnSequences = false)] public partial LstmLayer Memory { get; }

    [Dense(1)] public partial DenseLayer Sum { get; }
}

[RnnModel(InputSize = 2)]
public partial class AddingGru
{
    [Gru(32, ReturnSequences = false)] public partial GruLayer Memory { get; }

    [Dense(1)] public partial DenseLayer Sum { get; }
}

[RnnModel]
public partial class Reciter
{
    [Embedding(29, 16)] public partial EmbeddingLayer Letters { get; }

    [Lstm(64)] public partial LstmLayer Memory { get; }

    [Dense(29)] public partial DenseLayer Next { get; }
}
