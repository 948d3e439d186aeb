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
