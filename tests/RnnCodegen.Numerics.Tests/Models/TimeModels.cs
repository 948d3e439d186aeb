namespace RnnCodegen.Numerics.Tests.Models;

// Convolutions, poolings and attention over time.

[RnnModel(InputSize = 3)]
public partial class ConvCausal
{
    [Conv1d(17, 3, Padding = TimePadding.Causal, Activation = Activation.Tanh)] public partial Conv1dLayer Front { get; }
    [Gru(5)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 1)]
public partial class ConvDilated
{
    [Conv1d(4, 3, Dilation = 2, Padding = TimePadding.Causal)] public partial Conv1dLayer First { get; }
    [Conv1d(6, 2, Dilation = 5, Padding = TimePadding.Causal, Bias = false, Activation = Activation.Relu)]
    public partial Conv1dLayer Second { get; }
    [Conv1d(6, 1, From = nameof(First))] public partial Conv1dLayer Third { get; }
    [Add(nameof(Second), nameof(Third))] public partial AddLayer Sum { get; }
}

[RnnModel(InputSize = 5)]
public partial class ConvSame
{
    [Conv1d(16, 4, Padding = TimePadding.Same)] public partial Conv1dLayer Front { get; }
    [Lstm(7)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 2)]
public partial class ConvValid
{
    [Conv1d(3, 3, Dilation = 2)] public partial Conv1dLayer Front { get; }
    [Lstm(7, Bidirectional = true)] public partial LstmLayer Cell { get; }
    [Dense(2)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 2)]
public partial class ConvPadded
{
    [Conv1d(3, 4, PadLeft = 2, PadRight = 3)] public partial Conv1dLayer Front { get; }
    [Gru(4)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 2, Output = OutputTransform.Softmax)]
public partial class ConvStrided
{
    [Conv1d(5, 4, Stride = 2, Padding = TimePadding.Causal)] public partial Conv1dLayer First { get; }
    [LayerNorm] public partial LayerNormLayer Norm { get; }
    [Conv1d(6, 3, Stride = 3, PadLeft = 0)] public partial Conv1dLayer Second { get; }
    [Lstm(7)] public partial LstmLayer Cell { get; }
    [Dense(3)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 3)]
public partial class RecurrentThenStride
{
    [Gru(4)] public partial GruLayer Cell { get; }
    [Conv1d(5, 2, Stride = 2)] public partial Conv1dLayer Slow { get; }
    [Gru(3)] public partial GruLayer Second { get; }
}

[RnnModel(InputSize = 4)]
public partial class Pooled
{
    [Dense(9, Activation = Activation.Tanh)] public partial DenseLayer Front { get; }
    [Pool1d(Pooling.Max, 2)] public partial Pool1dLayer Largest { get; }
    [Gru(6)] public partial GruLayer Cell { get; }
    [Pool1d(Pooling.Average, 2, Stride = 3)] public partial Pool1dLayer Mean { get; }
}

[RnnModel(InputSize = 4)]
public partial class PooledOverlapping
{
    [Pool1d(Pooling.Average, 3, Stride = 1)] public partial Pool1dLayer Mean { get; }
    [Pool1d(Pooling.Max, 3, Stride = 2)] public partial Pool1dLayer Largest { get; }
    [Gru(6)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 4)]
public partial class GloballyPooled
{
    [Gru(17)] public partial GruLayer Cell { get; }
    [GlobalPool(Pooling.Average)] public partial GlobalPoolLayer Mean { get; }
    [GlobalPool(Pooling.Max, From = nameof(Cell))] public partial GlobalPoolLayer Largest { get; }
    [AttentionPool(From = nameof(Cell))] public partial AttentionPoolLayer Attended { get; }
    [Concat(nameof(Mean), nameof(Largest), nameof(Attended))] public partial ConcatLayer All { get; }
    [Dense(3)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 3)]
public partial class Windowed
{
    [Conv1d(4, 3, Padding = TimePadding.Causal)] public partial Conv1dLayer Front { get; }
    [Lstm(5)] public partial LstmLayer Cell { get; }
    [GlobalPool(Pooling.Average)] public partial GlobalPoolLayer Mean { get; }
    [GlobalPool(Pooling.Max, From = nameof(Cell))] public partial GlobalPoolLayer Largest { get; }
    [AttentionPool(From = nameof(Cell))] public partial AttentionPoolLayer Attended { get; }
    [Concat(nameof(Mean), nameof(Largest), nameof(Attended))] public partial ConcatLayer All { get; }
}

[RnnModel(InputSize = 1)]
public partial class MeanOfOne
{
    [Affine] public partial AffineLayer Same { get; }
    [GlobalPool(Pooling.Average)] public partial GlobalPoolLayer Mean { get; }
}

[RnnModel]
public partial class LineOfTokens
{
    [Embedding(3, 5)] public partial EmbeddingLayer Words { get; }
    [Dense(2)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 2)]
public partial class LineAndSlope
{
    [LayerNorm] public partial LayerNormLayer Norm { get; }
    [PRelu] public partial PReluLayer Slope { get; }
    [Affine] public partial AffineLayer Scale { get; }
    [Dense(3)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 3)]
public partial class ConvPooledRow
{
    [Conv1d(8, 3, Stride = 2)] public partial Conv1dLayer Front { get; }
    [AttentionPool] public partial AttentionPoolLayer Attended { get; }
}

[RnnModel(WeightFormat = WeightFormat.BFloat16)]
public partial class TokenConvBFloat16
{
    [Embedding(11, 6)] public partial EmbeddingLayer Table { get; }
    [Conv1d(9, 3, Padding = TimePadding.Causal)] public partial Conv1dLayer Front { get; }
    [Gru(5)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class ConvInt8
{
    [Conv1d(9, 3, Stride = 2, Padding = TimePadding.Causal, WeightFormat = WeightFormat.Int8)] public partial Conv1dLayer Front { get; }
    [Dropout(0.4f)] public partial DropoutLayer Drop { get; }
    [Gru(5)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 3, MemorySize = 5)]
public partial class AttendingDot
{
    [Gru(5)] public partial GruLayer Cell { get; }
    [Attention] public partial AttentionLayer Context { get; }
    [Concat(nameof(Cell), nameof(Context))] public partial ConcatLayer Both { get; }
    [Dense(4, Activation = Activation.Tanh)] public partial DenseLayer Head { get; }
}

[RnnModel(MemorySize = 17)]
public partial class AttendingTokens
{
    [Embedding(9, 6)] public partial EmbeddingLayer Table { get; }
    [Lstm(17)] public partial LstmLayer Cell { get; }
    [Attention(Score = AttentionScore.ScaledDot)] public partial AttentionLayer Context { get; }
    [Add(nameof(Cell), nameof(Context))] public partial AddLayer Both { get; }
}

[RnnModel(InputSize = 4, MemorySize = 6)]
public partial class AttendingTwice
{
    [Gru(7)] public partial GruLayer Cell { get; }
    [Attention(Score = AttentionScore.General)] public partial AttentionLayer First { get; }
    [Attention(Score = AttentionScore.Additive, Units = 18, From = nameof(Cell))] public partial AttentionLayer Second { get; }
    [Attention(Score = AttentionScore.Additive, From = nameof(First))] public partial AttentionLayer Third { get; }
    [Concat(nameof(First), nameof(Second), nameof(Third), nameof(Cell))] public partial ConcatLayer All { get; }
    [Gru(3)] public partial GruLayer Last { get; }
}

[RnnModel(InputSize = 2, MemorySize = 3)]
public partial class AttendingOnce
{
    [Conv1d(4, 2, Stride = 2)] public partial Conv1dLayer Front { get; }
    [Gru(5, ReturnSequences = false)] public partial GruLayer Cell { get; }
    [Attention(Score = AttentionScore.Additive, Units = 300)] public partial AttentionLayer Context { get; }
}
