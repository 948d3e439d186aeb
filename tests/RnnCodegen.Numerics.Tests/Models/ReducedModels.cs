namespace RnnCodegen.Numerics.Tests.Models;

// Layers whose weights inference keeps in fewer bits: every cell in every
// format, sizes that fill no vector, group of four or pair, and mixtures.

[RnnModel(InputSize = 1, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16LstmI1H1
{
    [Lstm(1)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16LstmI5H7
{
    [Lstm(7)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 20, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16LstmI20H33
{
    [Lstm(33)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 3, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16LstmI3H24
{
    [Lstm(24)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 9, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16GruI9H17
{
    [Gru(17)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16GruBeforeI6H33
{
    [Gru(33, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 40, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16ElmanReluI40H7
{
    [Elman(7, Activation = Activation.Relu, Bias = false)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 8, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16LstmEverything
{
    [Lstm(19, Peepholes = true, Projection = 5, CoupledInputForget = true, Layers = 2, Bidirectional = true)]
    public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16LstmProjectionPeepholes
{
    [Lstm(17, Peepholes = true, Projection = 9)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 3, WeightFormat = WeightFormat.BFloat16, Output = OutputTransform.Softmax)]
public partial class BFloat16Classifier
{
    [Gru(24, Layers = 2, Bidirectional = true, ReturnSequences = false)] public partial GruLayer Encoder { get; }

    [Dense(5, Activation = Activation.Tanh)] public partial DenseLayer Middle { get; }

    [Dense(4)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 1, WeightFormat = WeightFormat.Int8)]
public partial class Int8LstmI1H1
{
    [Lstm(1)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5, WeightFormat = WeightFormat.Int8)]
public partial class Int8LstmI5H7
{
    [Lstm(7)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 20, WeightFormat = WeightFormat.Int8)]
public partial class Int8LstmI20H33
{
    [Lstm(33)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 3, WeightFormat = WeightFormat.Int8)]
public partial class Int8LstmI3H24
{
    [Lstm(24)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 9, WeightFormat = WeightFormat.Int8)]
public partial class Int8GruI9H17
{
    [Gru(17)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.Int8)]
public partial class Int8GruBeforeI6H33
{
    [Gru(33, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 40, WeightFormat = WeightFormat.Int8)]
public partial class Int8ElmanReluI40H7
{
    [Elman(7, Activation = Activation.Relu, Bias = false)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 8, WeightFormat = WeightFormat.Int8)]
public partial class Int8LstmEverything
{
    [Lstm(19, Peepholes = true, Projection = 5, CoupledInputForget = true, Layers = 2, Bidirectional = true)]
    public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.Int8)]
public partial class Int8LstmProjectionPeepholes
{
    [Lstm(17, Peepholes = true, Projection = 9)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 3, WeightFormat = WeightFormat.Int8, Output = OutputTransform.Softmax)]
public partial class Int8Classifier
{
    [Gru(24, Layers = 2, Bidirectional = true, ReturnSequences = false)] public partial GruLayer Encoder { get; }

    [Dense(5, Activation = Activation.Tanh)] public partial DenseLayer Middle { get; }

    [Dense(4)] public partial DenseLayer Head { get; }
}

[RnnModel(WeightFormat = WeightFormat.Int8)]
public partial class MixedFormats
{
    [Embedding(29, 12)] public partial EmbeddingLayer Letters { get; }

    [Dense(15, WeightFormat = WeightFormat.BFloat16, Activation = Activation.Relu)] public partial DenseLayer Before { get; }

    [Lstm(20, Layers = 2)] public partial LstmLayer Cell { get; }

    [Gru(9, WeightFormat = WeightFormat.Float32)] public partial GruLayer Plain { get; }

    [LayerNorm] public partial LayerNormLayer Norm { get; }

    [Dense(33, Bias = false)] public partial DenseLayer Middle { get; }

    [Dense(3, WeightFormat = WeightFormat.Float32)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 6)]
public partial class OneReducedLayer
{
    [Lstm(17, Peepholes = true)] public partial LstmLayer Cell { get; }

    [Dense(5, WeightFormat = WeightFormat.Int8)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmI5H7AsTrained
{
    [Lstm(7)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 20, WeightFormat = WeightFormat.Int8)]
public partial class Int8Line
{
    [Dense(3, Bias = false)] public partial DenseLayer Line { get; }
}

[RnnModel(InputSize = 20, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16Line
{
    [Dense(3, Bias = false)] public partial DenseLayer Line { get; }
}
