using RnnCodegen;

namespace LstmVsGru;

/// <summary>Reads a noisy sequence and says at its end which symbol it began with, by an LSTM.</summary>
[RnnModel(InputSize = Recall.Symbols + 1)]
public partial class LstmRecall
{
    [Lstm(24, ReturnSequences = false)] public partial LstmLayer Cell { get; }
    [Dense(Recall.Symbols)]             public partial DenseLayer Head { get; }
}

/// <summary>The same by a GRU.</summary>
[RnnModel(InputSize = Recall.Symbols + 1)]
public partial class GruRecall
{
    [Gru(24, ReturnSequences = false)] public partial GruLayer Cell { get; }
    [Dense(Recall.Symbols)]            public partial DenseLayer Head { get; }
}
