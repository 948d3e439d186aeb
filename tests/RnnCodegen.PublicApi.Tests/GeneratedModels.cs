namespace RnnCodegen.PublicApi.Tests;

/// <summary>Rows in, rows out, step by step: what most models are.</summary>
[RnnModel(InputSize = 5)]
public partial class RowModel
{
    /// <summary>The recurrent layer.</summary>
    [Gru(8)] public partial GruLayer Encoder { get; }

    /// <summary>The outputs.</summary>
    [Dense(2)] public partial DenseLayer Head { get; }
}

/// <summary>Tokens in, one row a sequence out, of both directions: no steps.</summary>
[RnnModel(Output = OutputTransform.Softmax)]
public partial class TokenModel
{
    /// <summary>The tokens' rows.</summary>
    [Embedding(20, 4)] public partial EmbeddingLayer Words { get; }

    /// <summary>The recurrent layer.</summary>
    [Lstm(8, Bidirectional = true, ReturnSequences = false)] public partial LstmLayer Encoder { get; }

    /// <summary>The outputs.</summary>
    [Dense(3)] public partial DenseLayer Head { get; }
}

/// <summary>With code for GPUs.</summary>
[RnnModel(InputSize = 5, Cuda = true)]
public partial class CudaModel
{
    /// <summary>The recurrent layer.</summary>
    [Gru(8)] public partial GruLayer Encoder { get; }
}

/// <summary>With weights inside the assembly.</summary>
[RnnModel(InputSize = 7)]
public partial class EmbeddedModel
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(17)] public partial LstmLayer Memory { get; }

    /// <summary>The outputs.</summary>
    [Dense(3)] public partial DenseLayer Head { get; }
}
