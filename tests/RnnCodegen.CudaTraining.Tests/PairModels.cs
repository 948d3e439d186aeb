namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Reads tokens, from an initial state that is learned.</summary>
[RnnModel(Cuda = true)]
public partial class Reader
{
    [Embedding(6, 3)] public partial EmbeddingLayer Table { get; }

    [Dropout(0.25f)] public partial DropoutLayer Thinning { get; }

    [Lstm(4, LearnedInitialState = true)] public partial LstmLayer Cell { get; }
}

/// <summary>Says tokens, from the reader's state alone; what it would learn to begin with is never used.</summary>
[RnnModel(Cuda = true)]
public partial class Speaker
{
    [Embedding(6, 3)] public partial EmbeddingLayer Table { get; }

    [Lstm(4, LearnedInitialState = true)] public partial LstmLayer Cell { get; }

    [Dense(5)] public partial DenseLayer Scores { get; }
}

/// <summary>Says tokens and looks back, by keys that it makes.</summary>
[RnnModel(MemorySize = 4, Cuda = true)]
public partial class Looker
{
    [Embedding(6, 3)] public partial EmbeddingLayer Table { get; }

    [Dropout(0.25f)] public partial DropoutLayer Thinning { get; }

    [Lstm(4)] public partial LstmLayer Cell { get; }

    [Attention(Score = AttentionScore.General)] public partial AttentionLayer Context { get; }

    [Concat(nameof(Cell), nameof(Context))] public partial ConcatLayer Both { get; }

    [Dense(5)] public partial DenseLayer Scores { get; }
}

/// <summary>Reads rows, every other one.</summary>
[RnnModel(InputSize = 2, Cuda = true)]
public partial class RowReader
{
    [Conv1d(3, 2, Stride = 2, Padding = TimePadding.Same)] public partial Conv1dLayer Front { get; }

    [Gru(3)] public partial GruLayer Cell { get; }
}

/// <summary>Says tokens and looks at the rows themselves.</summary>
[RnnModel(MemorySize = 3, Cuda = true)]
public partial class RowLooker
{
    [Embedding(6, 3)] public partial EmbeddingLayer Table { get; }

    [Gru(3)] public partial GruLayer Cell { get; }

    [Attention(Score = AttentionScore.Dot)] public partial AttentionLayer Context { get; }

    [Add(nameof(Cell), nameof(Context))] public partial AddLayer Both { get; }

    [Dense(5)] public partial DenseLayer Scores { get; }
}
