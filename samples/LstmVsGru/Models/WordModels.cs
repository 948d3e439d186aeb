using RnnCodegen;

namespace LstmVsGru;

// Models that read words and say whether the sentence is positive.
// Each cell with as many units as the LSTM, and with about as many parameters.

/// <summary>Elman, 32 units: as many units as the LSTM.</summary>
[RnnModel]
public sealed partial class WordElman32
{
    [Embedding(WordHash.Buckets, 16)] public partial EmbeddingLayer Tokens { get; }
    [Dropout(0.3f)] public partial DropoutLayer Noise { get; }
    [Elman(32, ReturnSequences = false)] public partial ElmanLayer Cell { get; }
    [Dense(1)] public partial DenseLayer Head { get; }
}

/// <summary>Elman, 72 units: as many parameters as the LSTM.</summary>
[RnnModel]
public sealed partial class WordElman72
{
    [Embedding(WordHash.Buckets, 16)] public partial EmbeddingLayer Tokens { get; }
    [Dropout(0.3f)] public partial DropoutLayer Noise { get; }
    [Elman(72, ReturnSequences = false)] public partial ElmanLayer Cell { get; }
    [Dense(1)] public partial DenseLayer Head { get; }
}

/// <summary>LSTM, 32 units: the measure of the others.</summary>
[RnnModel]
public sealed partial class WordLstm32
{
    [Embedding(WordHash.Buckets, 16)] public partial EmbeddingLayer Tokens { get; }
    [Dropout(0.3f)] public partial DropoutLayer Noise { get; }
    [Lstm(32, ReturnSequences = false)] public partial LstmLayer Cell { get; }
    [Dense(1)] public partial DenseLayer Head { get; }
}

/// <summary>GRU, 32 units: as many units as the LSTM.</summary>
[RnnModel]
public sealed partial class WordGru32
{
    [Embedding(WordHash.Buckets, 16)] public partial EmbeddingLayer Tokens { get; }
    [Dropout(0.3f)] public partial DropoutLayer Noise { get; }
    [Gru(32, ReturnSequences = false)] public partial GruLayer Cell { get; }
    [Dense(1)] public partial DenseLayer Head { get; }
}

/// <summary>GRU, 37 units: as many parameters as the LSTM.</summary>
[RnnModel]
public sealed partial class WordGru37
{
    [Embedding(WordHash.Buckets, 16)] public partial EmbeddingLayer Tokens { get; }
    [Dropout(0.3f)] public partial DropoutLayer Noise { get; }
    [Gru(37, ReturnSequences = false)] public partial GruLayer Cell { get; }
    [Dense(1)] public partial DenseLayer Head { get; }
}

/// <summary>minGRU, 32 units: as many units as the LSTM.</summary>
[RnnModel]
public sealed partial class WordMinGru32
{
    [Embedding(WordHash.Buckets, 16)] public partial EmbeddingLayer Tokens { get; }
    [Dropout(0.3f)] public partial DropoutLayer Noise { get; }
    [MinGru(32, ReturnSequences = false)] public partial MinGruLayer Cell { get; }
    [Dense(1)] public partial DenseLayer Head { get; }
}

/// <summary>minGRU, 180 units: as many parameters as the LSTM.</summary>
[RnnModel]
public sealed partial class WordMinGru180
{
    [Embedding(WordHash.Buckets, 16)] public partial EmbeddingLayer Tokens { get; }
    [Dropout(0.3f)] public partial DropoutLayer Noise { get; }
    [MinGru(180, ReturnSequences = false)] public partial MinGruLayer Cell { get; }
    [Dense(1)] public partial DenseLayer Head { get; }
}
