namespace RnnCodegen.CudaEngine.Tests;

/// <summary>Rows in, rows out, with a dropout to be drawn.</summary>
[RnnModel(InputSize = 3)]
public partial class SmallRows
{
    [Gru(5, Layers = 2, Dropout = 0.25f)] public partial GruLayer Encoder { get; }

    [Dense(2)] public partial DenseLayer Head { get; }
}

/// <summary>Tokens in, one row a step out.</summary>
[RnnModel]
public partial class SmallWords
{
    [Embedding(7, 4)] public partial EmbeddingLayer Table { get; }

    [Lstm(3, LearnedInitialState = true)] public partial LstmLayer Cell { get; }

    [Dense(7)] public partial DenseLayer Scores { get; }
}

/// <summary>Attends to a memory.</summary>
[RnnModel(InputSize = 3, MemorySize = 4)]
public partial class SmallDecoder
{
    [Gru(4)] public partial GruLayer Cell { get; }

    [Attention(Score = AttentionScore.Dot)] public partial AttentionLayer Look { get; }

    [Dense(2)] public partial DenseLayer Head { get; }
}

/// <summary>Needs whole sequences.</summary>
[RnnModel(InputSize = 2)]
public partial class SmallBoth
{
    [Lstm(3, Bidirectional = true)] public partial LstmLayer Cell { get; }
}

/// <summary>A row a sequence.</summary>
[RnnModel(InputSize = 3)]
public partial class SmallLast
{
    [Lstm(3, ReturnSequences = false)] public partial LstmLayer Cell { get; }

    [Dense(2)] public partial DenseLayer Head { get; }
}
