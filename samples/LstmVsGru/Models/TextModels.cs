using RnnCodegen;

namespace LstmVsGru;

// Models that read a character and say the next one.
// Each cell with as many units as the LSTM, and with about as many parameters.

/// <summary>Elman, 96 units: as many units as the LSTM.</summary>
[RnnModel]
public sealed partial class TextElman96
{
    [Embedding(Alphabet.Size, 16)] public partial EmbeddingLayer Characters { get; }
    [Elman(96)] public partial ElmanLayer Cell { get; }
    [Dense(Alphabet.Size)] public partial DenseLayer Head { get; }
}

/// <summary>Elman, 180 units: as many parameters as the LSTM.</summary>
[RnnModel]
public sealed partial class TextElman180
{
    [Embedding(Alphabet.Size, 16)] public partial EmbeddingLayer Characters { get; }
    [Elman(180)] public partial ElmanLayer Cell { get; }
    [Dense(Alphabet.Size)] public partial DenseLayer Head { get; }
}

/// <summary>LSTM, 96 units: the measure of the others.</summary>
[RnnModel]
public sealed partial class TextLstm96
{
    [Embedding(Alphabet.Size, 16)] public partial EmbeddingLayer Characters { get; }
    [Lstm(96)] public partial LstmLayer Cell { get; }
    [Dense(Alphabet.Size)] public partial DenseLayer Head { get; }
}

/// <summary>GRU, 96 units: as many units as the LSTM.</summary>
[RnnModel]
public sealed partial class TextGru96
{
    [Embedding(Alphabet.Size, 16)] public partial EmbeddingLayer Characters { get; }
    [Gru(96)] public partial GruLayer Cell { get; }
    [Dense(Alphabet.Size)] public partial DenseLayer Head { get; }
}

/// <summary>GRU, 110 units: as many parameters as the LSTM.</summary>
[RnnModel]
public sealed partial class TextGru110
{
    [Embedding(Alphabet.Size, 16)] public partial EmbeddingLayer Characters { get; }
    [Gru(110)] public partial GruLayer Cell { get; }
    [Dense(Alphabet.Size)] public partial DenseLayer Head { get; }
}

/// <summary>minGRU, 96 units: as many units as the LSTM.</summary>
[RnnModel]
public sealed partial class TextMinGru96
{
    [Embedding(Alphabet.Size, 16)] public partial EmbeddingLayer Characters { get; }
    [MinGru(96)] public partial MinGruLayer Cell { get; }
    [Dense(Alphabet.Size)] public partial DenseLayer Head { get; }
}

/// <summary>minGRU, 408 units: as many parameters as the LSTM.</summary>
[RnnModel]
public sealed partial class TextMinGru408
{
    [Embedding(Alphabet.Size, 16)] public partial EmbeddingLayer Characters { get; }
    [MinGru(408)] public partial MinGruLayer Cell { get; }
    [Dense(Alphabet.Size)] public partial DenseLayer Head { get; }
}
