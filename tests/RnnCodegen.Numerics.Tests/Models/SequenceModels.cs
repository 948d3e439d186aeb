namespace RnnCodegen.Numerics.Tests.Models;

[RnnModel]
public partial class GruReader
{
    [Embedding(10, 16)] public partial EmbeddingLayer Words { get; }

    [Gru(128, ReturnSequences = false)] public partial GruLayer Cell { get; }
}

[RnnModel]
public partial class GruSpeaker
{
    [Embedding(12, 16)] public partial EmbeddingLayer Words { get; }

    [Gru(128)] public partial GruLayer Cell { get; }

    [Dense(11)] public partial DenseLayer Head { get; }
}

[RnnModel]
public partial class LstmReader
{
    [Embedding(10, 16)] public partial EmbeddingLayer Words { get; }

    [Lstm(128, ReturnSequences = false)] public partial LstmLayer Cell { get; }
}

[RnnModel]
public partial class LstmSpeaker
{
    [Embedding(12, 16)] public partial EmbeddingLayer Words { get; }

    [Lstm(128)] public partial LstmLayer Cell { get; }

    [Dense(11)] public partial DenseLayer Head { get; }
}

[RnnModel]
public partial class AttendedReader
{
    [Embedding(10, 16)] public partial EmbeddingLayer Words { get; }

    [Gru(48)] public partial GruLayer Cell { get; }
}

[RnnModel(MemorySize = 48)]
public partial class AttendingSpeaker
{
    [Embedding(12, 16)] public partial EmbeddingLayer Words { get; }

    [Gru(48)] public partial GruLayer Cell { get; }

    [Attention(Score = AttentionScore.General)] public partial AttentionLayer Context { get; }

    [Concat(nameof(Cell), nameof(Context))] public partial ConcatLayer Both { get; }

    [Dense(48, Activation = Activation.Tanh)] public partial DenseLayer Mixed { get; }

    [Dense(11)] public partial DenseLayer Head { get; }
}
