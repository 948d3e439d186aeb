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

/// <summary>One product, whose operands are rounded to TF32.</summary>
[RnnModel(InputSize = 37, CudaPrecision = CudaPrecision.TensorFloat32)]
public partial class Tf32Rows
{
    [Dense(70)] public partial DenseLayer Head { get; }
}

/// <summary>One product, whose operands are rounded to bfloat16; large enough for a launch of its own in a step.</summary>
[RnnModel(InputSize = 37, CudaPrecision = CudaPrecision.BFloat16)]
public partial class BFloat16Rows
{
    [Dense(450)] public partial DenseLayer Head { get; }
}

/// <summary>Products of all steps and products of one step.</summary>
[RnnModel(InputSize = 37, CudaPrecision = CudaPrecision.TensorFloat32)]
public partial class Tf32Cells
{
    [Lstm(24)] public partial LstmLayer Cell { get; }

    [Dense(5)] public partial DenseLayer Head { get; }
}

/// <summary>The same with bfloat16.</summary>
[RnnModel(InputSize = 37, CudaPrecision = CudaPrecision.BFloat16)]
public partial class BFloat16Cells
{
    [Lstm(24)] public partial LstmLayer Cell { get; }

    [Dense(5)] public partial DenseLayer Head { get; }
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
