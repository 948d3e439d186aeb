namespace RnnCodegen.Gpu;

/// <summary>A model that is compared with the reference: sizes that fill nothing.</summary>
[RnnModel(InputSize = 7)]
public partial class CheckLstm
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(17, Layers = 2)]
    public partial LstmLayer Memory { get; }

    /// <summary>The outputs.</summary>
    [Dense(3)]
    public partial DenseLayer Head { get; }
}

/// <summary>The same with a GRU and class probabilities.</summary>
[RnnModel(InputSize = 5, Output = OutputTransform.Softmax)]
public partial class CheckGru
{
    /// <summary>The recurrent layer.</summary>
    [Gru(20)]
    public partial GruLayer Memory { get; }

    /// <summary>The outputs.</summary>
    [Dense(4)]
    public partial DenseLayer Head { get; }
}

/// <summary>A measured model.</summary>
[RnnModel(InputSize = ComparisonRow.Features)]
public partial class Lstm128
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(128)]
    public partial LstmLayer Memory { get; }

    /// <summary>The output.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}

/// <summary>A measured model.</summary>
[RnnModel(InputSize = ComparisonRow.Features)]
public partial class Lstm256
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(256)]
    public partial LstmLayer Memory { get; }

    /// <summary>The output.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}

/// <summary>A measured model.</summary>
[RnnModel(InputSize = ComparisonRow.Features)]
public partial class Lstm512
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(512)]
    public partial LstmLayer Memory { get; }

    /// <summary>The output.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}

/// <summary>A measured model.</summary>
[RnnModel(InputSize = ComparisonRow.Features, CudaPrecision = CudaPrecision.TensorFloat32)]
public partial class Lstm128TensorFloat32
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(128)]
    public partial LstmLayer Memory { get; }

    /// <summary>The output.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}

/// <summary>A measured model.</summary>
[RnnModel(InputSize = ComparisonRow.Features, CudaPrecision = CudaPrecision.BFloat16)]
public partial class Lstm128BFloat16
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(128)]
    public partial LstmLayer Memory { get; }

    /// <summary>The output.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}

/// <summary>A measured model.</summary>
[RnnModel(InputSize = ComparisonRow.Features, CudaPrecision = CudaPrecision.TensorFloat32)]
public partial class Lstm512TensorFloat32
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(512)]
    public partial LstmLayer Memory { get; }

    /// <summary>The output.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}

/// <summary>A measured model.</summary>
[RnnModel(InputSize = ComparisonRow.Features, CudaPrecision = CudaPrecision.BFloat16)]
public partial class Lstm512BFloat16
{
    /// <summary>The recurrent layer.</summary>
    [Lstm(512)]
    public partial LstmLayer Memory { get; }

    /// <summary>The output.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}
