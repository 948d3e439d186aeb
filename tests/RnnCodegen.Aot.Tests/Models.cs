namespace RnnCodegen.Aot.Tests;

/// <summary>Sizes that fill no vector.</summary>
[RnnModel(InputSize = 7)]
public partial class SmallLstm
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(17)]
    public partial LstmLayer Memory { get; }

    /// <summary>The outputs.</summary>
    [Dense(3)]
    public partial DenseLayer Head { get; }
}

/// <summary>The same with weights inside the assembly.</summary>
[RnnModel(InputSize = 7)]
public partial class EmbeddedLstm
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(17)]
    public partial LstmLayer Memory { get; }

    /// <summary>The outputs.</summary>
    [Dense(3)]
    public partial DenseLayer Head { get; }
}

/// <summary>The same with weights in bfloat16.</summary>
[RnnModel(InputSize = 7, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16Lstm
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(17)]
    public partial LstmLayer Memory { get; }

    /// <summary>The outputs.</summary>
    [Dense(3)]
    public partial DenseLayer Head { get; }
}

/// <summary>The same with a GRU and class probabilities.</summary>
[RnnModel(InputSize = 5, Output = OutputTransform.Softmax)]
public partial class SmallGru
{
    /// <summary>The recurrent layer.</summary>
    [Gru(20)]
    public partial GruLayer Memory { get; }

    /// <summary>The outputs.</summary>
    [Dense(4)]
    public partial DenseLayer Head { get; }
}

/// <summary>The same with weights in 8 bits.</summary>
[RnnModel(InputSize = 5, WeightFormat = WeightFormat.Int8)]
public partial class Int8Gru
{
    /// <summary>The recurrent layer.</summary>
    [Gru(20)]
    public partial GruLayer Memory { get; }

    /// <summary>The outputs.</summary>
    [Dense(4)]
    public partial DenseLayer Head { get; }
}
