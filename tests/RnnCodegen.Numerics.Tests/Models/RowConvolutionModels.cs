namespace RnnCodegen.Numerics.Tests.Models;

// Convolutions inside rows.

[RnnModel(InputSize = 20)]
public partial class SpectraThenLstm
{
    [RowConv1d(5, 6, Stride = 4, PadRight = 2, Mirror = true, Bias = false)] public partial RowConv1dLayer Spectra { get; }
    [Multiply(nameof(Spectra), nameof(Spectra))] public partial MultiplyLayer Powers { get; }
    [RowConv1d(7, 3, Channels = 5, PadLeft = 1, PadRight = 1, Activation = Activation.Relu)]
    public partial RowConv1dLayer Filters { get; }
    [Lstm(6)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 12, Output = OutputTransform.Softmax)]
public partial class RowConvOfState
{
    [RowConv1d(4, 3, Channels = 2, Dilation = 2, PadLeft = 2)] public partial RowConv1dLayer First { get; }
    [LayerNorm] public partial LayerNormLayer Norm { get; }
    [Gru(5, ReturnSequences = false)] public partial GruLayer Cell { get; }
    [RowConv1d(3, 2, Activation = Activation.Tanh)] public partial RowConv1dLayer Last { get; }
}

[RnnModel(InputSize = 4)]
public partial class RowConvTwice
{
    [Gru(8)] public partial GruLayer Cell { get; }
    [RowConv1d(3, 3, Channels = 2, PadLeft = 1, PadRight = 3, Mirror = true)] public partial RowConv1dLayer Image { get; }
    [RowConv1d(3, 3, Channels = 2, PadLeft = 1, PadRight = 3, From = nameof(Cell))] public partial RowConv1dLayer Zeros { get; }
    [Multiply(nameof(Image), nameof(Zeros))] public partial MultiplyLayer Product { get; }
}

[RnnModel(InputSize = 3)]
public partial class RowConvWhole
{
    [RowConv1d(4, 3, Activation = Activation.Sigmoid)] public partial RowConv1dLayer Only { get; }
}

[RnnModel(InputSize = 6)]
public partial class RowConvBehindStride
{
    [Conv1d(8, 2, Stride = 2, Activation = Activation.Tanh)] public partial Conv1dLayer Slow { get; }
    [RowConv1d(2, 2, Channels = 4, Stride = 1, PadLeft = 1, PadRight = 1)] public partial RowConv1dLayer Inside { get; }
    [Lstm(5)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 70)]
public partial class RowConvOfManyPlaces
{
    [RowConv1d(2, 3, PadLeft = 2, PadRight = 5)] public partial RowConv1dLayer Many { get; }
    [Dropout(0.25f)] public partial DropoutLayer Drop { get; }
    [Dense(3)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 33, WeightFormat = WeightFormat.BFloat16)]
public partial class RowConvBFloat16
{
    [RowConv1d(17, 5, Stride = 7, PadLeft = 2)] public partial RowConv1dLayer Front { get; }
    [Gru(4)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 33, WeightFormat = WeightFormat.Int8)]
public partial class RowConvInt8
{
    [RowConv1d(17, 5, Stride = 7, PadLeft = 2)] public partial RowConv1dLayer Front { get; }
    [Dense(4)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 16)]
public partial class RowConvI16
{
    [RowConv1d(1, 3, PadLeft = 1, PadRight = 1, Activation = Activation.Relu)] public partial RowConv1dLayer Only { get; }
}

[RnnModel(InputSize = 11)]
public partial class RowConvWiderThanRows
{
    [RowConv1d(2, 4, Channels = 11, Stride = 4, PadLeft = 3, Bias = false)] public partial RowConv1dLayer Only { get; }
}
