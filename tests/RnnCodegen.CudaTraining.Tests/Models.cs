namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Rows in, rows out, from an initial state that is learned.</summary>
[RnnModel(InputSize = 2, Cuda = true)]
public partial class Rows
{
    [Lstm(3, LearnedInitialState = true)] public partial LstmLayer Cell { get; }

    [Dense(4)] public partial DenseLayer Head { get; }
}

/// <summary>Tokens in, the classes' scores of each step out, with a dropout to be drawn.</summary>
[RnnModel(Cuda = true)]
public partial class Words
{
    [Embedding(6, 3)] public partial EmbeddingLayer Table { get; }

    [Gru(3, Dropout = 0.25f, Layers = 2)] public partial GruLayer Cell { get; }

    [Dense(35)] public partial DenseLayer Scores { get; }
}

/// <summary>One row a sequence out.</summary>
[RnnModel(InputSize = 2, Cuda = true)]
public partial class Whole
{
    [Gru(3, ReturnSequences = false)] public partial GruLayer Cell { get; }

    [Dense(4)] public partial DenseLayer Head { get; }
}

/// <summary>Outputs are looked up: where each step of each sample has a token of its own, the parameters are the outputs.</summary>
[RnnModel(Cuda = true)]
public partial class Lookup
{
    [Embedding(400, 4)] public partial EmbeddingLayer Table { get; }
}
