namespace RnnCodegen.Numerics.Tests.Models;

// Layers that work row by row, at every position and width: a row a step and a row a sequence, first, between and last, read once and
// several times.

[RnnModel(InputSize = 1)]
public partial class RowLayers1
{
    [Affine] public partial AffineLayer Scaled { get; }

    [PRelu] public partial PReluLayer Bent { get; }

    [Elman(1)] public partial ElmanLayer Cell { get; }

    [Activation(Activation.Elu)] public partial ActivationLayer Shaped { get; }

    [Multiply(nameof(Shaped), nameof(Scaled), nameof(Bent))] public partial MultiplyLayer Product { get; }

    [Elman(1, ReturnSequences = false)] public partial ElmanLayer Last { get; }

    [Affine] public partial AffineLayer LastScaled { get; }

    [PRelu] public partial PReluLayer LastBent { get; }

    [Activation(Activation.LeakyRelu)] public partial ActivationLayer LastShaped { get; }

    [Multiply(nameof(LastShaped), nameof(Last))] public partial MultiplyLayer Out { get; }
}

[RnnModel(InputSize = 15)]
public partial class RowLayers15
{
    [PRelu] public partial PReluLayer Bent { get; }

    [Affine] public partial AffineLayer Scaled { get; }

    [Elman(15)] public partial ElmanLayer Cell { get; }

    [Activation(Activation.Tanh)] public partial ActivationLayer Shaped { get; }

    [Multiply(nameof(Bent), nameof(Shaped), nameof(Scaled), nameof(Cell))] public partial MultiplyLayer Product { get; }

    [Elman(15, ReturnSequences = false)] public partial ElmanLayer Last { get; }

    [Activation(Activation.Relu)] public partial ActivationLayer LastShaped { get; }

    [Multiply(nameof(LastShaped), nameof(Last), nameof(LastShaped))] public partial MultiplyLayer LastProduct { get; }

    [PRelu] public partial PReluLayer LastBent { get; }

    [Affine] public partial AffineLayer Out { get; }
}

[RnnModel(InputSize = 16)]
public partial class LayerNormI16
{
    [LayerNorm] public partial LayerNormLayer Out { get; }
}

[RnnModel(InputSize = 16, ActivationAccuracy = ActivationAccuracy.Fast)]
public partial class RowLayers16
{
    [Activation(Activation.Tanh)] public partial ActivationLayer Shaped { get; }

    [Affine] public partial AffineLayer Scaled { get; }

    [PRelu] public partial PReluLayer Bent { get; }

    [Multiply(nameof(Shaped), nameof(Bent))] public partial MultiplyLayer Product { get; }

    [Elman(16, ReturnSequences = false)] public partial ElmanLayer Last { get; }

    [Affine] public partial AffineLayer LastScaled { get; }

    [Activation(Activation.Sigmoid)] public partial ActivationLayer LastShaped { get; }

    [Multiply(nameof(LastShaped), nameof(LastScaled), nameof(Last))] public partial MultiplyLayer LastProduct { get; }

    [PRelu] public partial PReluLayer Out { get; }
}

[RnnModel(InputSize = 17)]
public partial class RowLayers17
{
    [Multiply(RnnModelAttribute.Input, RnnModelAttribute.Input)] public partial MultiplyLayer Square { get; }

    [Affine] public partial AffineLayer Scaled { get; }

    [Activation(Activation.LeakyRelu, Alpha = 0.3f)] public partial ActivationLayer Shaped { get; }

    [PRelu] public partial PReluLayer Bent { get; }

    [Elman(17, ReturnSequences = false)] public partial ElmanLayer Last { get; }

    [PRelu] public partial PReluLayer LastBent { get; }

    [Multiply(nameof(LastBent), nameof(LastBent))] public partial MultiplyLayer LastSquare { get; }

    [Affine] public partial AffineLayer LastScaled { get; }

    [Activation(Activation.Elu, Alpha = 0.5f)] public partial ActivationLayer Out { get; }
}

[RnnModel(InputSize = 33)]
public partial class RowLayers33
{
    [Affine] public partial AffineLayer Scaled { get; }

    [Activation(Activation.HardSigmoidKeras2)] public partial ActivationLayer Shaped { get; }

    [PRelu(From = nameof(Scaled))] public partial PReluLayer Bent { get; }

    [Multiply(nameof(Bent), nameof(Shaped), RnnModelAttribute.Input)] public partial MultiplyLayer Product { get; }

    [Activation(Activation.Linear)] public partial ActivationLayer Same { get; }

    [Add(nameof(Same), nameof(Scaled))] public partial AddLayer Sum { get; }

    [Elman(33, ReturnSequences = false)] public partial ElmanLayer Last { get; }

    [Activation(Activation.HardSigmoid)] public partial ActivationLayer LastShaped { get; }

    [Affine(From = nameof(Last))] public partial AffineLayer LastScaled { get; }

    [PRelu(From = nameof(Last))] public partial PReluLayer LastBent { get; }

    [Multiply(nameof(Last), nameof(LastShaped), nameof(LastScaled), nameof(LastBent))] public partial MultiplyLayer Out { get; }
}

/// <summary>Each layer as the model's output, after a recurrent one: the rows past a sample's end are cleared.</summary>
[RnnModel(InputSize = 3)]
public partial class AffineLast
{
    [Gru(15)] public partial GruLayer Cell { get; }

    [Affine] public partial AffineLayer Out { get; }
}

[RnnModel(InputSize = 3)]
public partial class PReluLast
{
    [Gru(33)] public partial GruLayer Cell { get; }

    [PRelu] public partial PReluLayer Out { get; }
}

[RnnModel(InputSize = 3)]
public partial class ActivationLast
{
    [Gru(17)] public partial GruLayer Cell { get; }

    [Activation(Activation.Elu)] public partial ActivationLayer Out { get; }
}

[RnnModel(InputSize = 16)]
public partial class MultiplyLast
{
    [Lstm(16, Bidirectional = true, Projection = 8)] public partial LstmLayer Cell { get; }

    [Multiply(nameof(Cell), RnnModelAttribute.Input, nameof(Cell))] public partial MultiplyLayer Out { get; }
}

/// <summary>A reverse direction in three layers.</summary>
[RnnModel(InputSize = 4)]
public partial class ReversedAround
{
    [Elman(15)] public partial ElmanLayer Before { get; }

    [ReverseTime] public partial ReverseTimeLayer There { get; }

    [Gru(17)] public partial GruLayer Cell { get; }

    [ReverseTime] public partial ReverseTimeLayer Back { get; }

    [Concat(nameof(Back), nameof(Before))] public partial ConcatLayer Both { get; }

    [Dense(5)] public partial DenseLayer Head { get; }
}

/// <summary>The input, read in both orders and by several layers; a reversal is the output.</summary>
[RnnModel(InputSize = 16)]
public partial class ReversedInput
{
    [ReverseTime] public partial ReverseTimeLayer Mirrored { get; }

    [Elman(33, From = RnnModelAttribute.Input)] public partial ElmanLayer Cell { get; }

    [ReverseTime] public partial ReverseTimeLayer MirroredCell { get; }

    [Multiply(nameof(Mirrored), RnnModelAttribute.Input)] public partial MultiplyLayer Product { get; }

    [Concat(nameof(Product), nameof(Cell), nameof(MirroredCell))] public partial ConcatLayer Joined { get; }

    [ReverseTime] public partial ReverseTimeLayer Out { get; }
}

[RnnModel(InputSize = 1)]
public partial class ReversedLast
{
    [ReverseTime] public partial ReverseTimeLayer Mirrored { get; }

    [Lstm(9, ReturnSequences = false)] public partial LstmLayer Cell { get; }

    [PRelu] public partial PReluLayer Out { get; }
}

/// <summary>The input under its name, for three readers.</summary>
[RnnModel(InputSize = 15)]
public partial class InputThrice
{
    [Dense(16, Activation = Activation.Tanh)] public partial DenseLayer First { get; }

    [Gru(17, From = RnnModelAttribute.Input)] public partial GruLayer Second { get; }

    [Affine(From = RnnModelAttribute.Input)] public partial AffineLayer Third { get; }

    [Concat(nameof(First), nameof(Second), nameof(Third))] public partial ConcatLayer Joined { get; }

    [Dense(3)] public partial DenseLayer Head { get; }
}

/// <summary>Every join reads the input.</summary>
[RnnModel(InputSize = 7)]
public partial class InputJoined
{
    [Add(RnnModelAttribute.Input, RnnModelAttribute.Input)] public partial AddLayer Twice { get; }

    [Elman(7)] public partial ElmanLayer Cell { get; }

    [Multiply(nameof(Cell), RnnModelAttribute.Input)] public partial MultiplyLayer Gated { get; }

    [Add(nameof(Gated), RnnModelAttribute.Input, nameof(Twice))] public partial AddLayer Sum { get; }

    [Concat(RnnModelAttribute.Input, nameof(Sum))] public partial ConcatLayer Out { get; }
}

/// <summary>The topology of RNNoise: three recurrent layers, of which the later ones read the earlier ones and the input.</summary>
[RnnModel(InputSize = 42)]
public partial class NoiseSuppressor
{
    [Dense(24, Activation = Activation.Tanh)] public partial DenseLayer Features { get; }

    [Gru(24, ResetAfter = false, Activation = Activation.Relu)] public partial GruLayer Voice { get; }

    [Dense(1, Activation = Activation.Sigmoid)] public partial DenseLayer VoiceActivity { get; }

    [Concat(nameof(Features), nameof(Voice), RnnModelAttribute.Input)] public partial ConcatLayer NoiseInput { get; }

    [Gru(33, ResetAfter = false, Activation = Activation.Relu)] public partial GruLayer Noise { get; }

    [Concat(nameof(Voice), nameof(Noise), RnnModelAttribute.Input)] public partial ConcatLayer GainInput { get; }

    [Gru(40, ResetAfter = false, Activation = Activation.Relu)] public partial GruLayer Denoise { get; }

    [Dense(22, Activation = Activation.Sigmoid)] public partial DenseLayer Gains { get; }

    [Concat(nameof(Gains), nameof(VoiceActivity))] public partial ConcatLayer Out { get; }
}

/// <summary>In inference, dropout's output is the caller's own row.</summary>
[RnnModel(InputSize = 5)]
public partial class RowLayersDropped
{
    [Dropout(0.3f)] public partial DropoutLayer Thin { get; }

    [Activation(Activation.Elu)] public partial ActivationLayer Shaped { get; }

    [Multiply(nameof(Shaped), nameof(Thin))] public partial MultiplyLayer Product { get; }

    [Dropout(0.2f)] public partial DropoutLayer Thinner { get; }

    [PRelu] public partial PReluLayer Bent { get; }

    [Elman(6)] public partial ElmanLayer Cell { get; }
}

[RnnModel]
public partial class RowLayersOfTokens
{
    [Embedding(23, 17)] public partial EmbeddingLayer Letters { get; }

    [Affine] public partial AffineLayer Scaled { get; }

    [PRelu] public partial PReluLayer Bent { get; }

    [Multiply(nameof(Letters), nameof(Bent), nameof(Letters))] public partial MultiplyLayer Product { get; }

    [ReverseTime] public partial ReverseTimeLayer Mirrored { get; }

    [Gru(12, ReturnSequences = false)] public partial GruLayer Cell { get; }

    [Dense(4)] public partial DenseLayer Head { get; }
}

/// <summary>Rounded products take two features at a time, and behind an odd width is one that nobody wrote.</summary>
[RnnModel(InputSize = 17, WeightFormat = WeightFormat.BFloat16)]
public partial class RowLayersRounded
{
    [Affine] public partial AffineLayer Scaled { get; }

    [Dense(15)] public partial DenseLayer Narrow { get; }

    [PRelu] public partial PReluLayer Bent { get; }

    [Lstm(9)] public partial LstmLayer Cell { get; }

    [Activation(Activation.LeakyRelu)] public partial ActivationLayer Shaped { get; }

    [Dense(5)] public partial DenseLayer Head { get; }
}

/// <summary>Row layers on either side of a stride: a streaming step takes two rows of the input and one of what follows.</summary>
[RnnModel(InputSize = 3)]
public partial class RowLayersStrided
{
    [Multiply(RnnModelAttribute.Input, RnnModelAttribute.Input)] public partial MultiplyLayer Square { get; }

    [Activation(Activation.Elu, From = RnnModelAttribute.Input)] public partial ActivationLayer Shaped { get; }

    [Affine] public partial AffineLayer Scaled { get; }

    [Multiply(nameof(Scaled), nameof(Square), nameof(Shaped))] public partial MultiplyLayer Product { get; }

    [PRelu] public partial PReluLayer Bent { get; }

    [Conv1d(15, 2, Stride = 2)] public partial Conv1dLayer Slow { get; }

    [PRelu] public partial PReluLayer SlowBent { get; }

    [Activation(Activation.Tanh, From = nameof(Slow))] public partial ActivationLayer SlowShaped { get; }

    [Multiply(nameof(SlowBent), nameof(SlowShaped), nameof(Slow))] public partial MultiplyLayer SlowProduct { get; }

    [Elman(5)] public partial ElmanLayer Cell { get; }
}

/// <summary>A reversal of the steps that a stride leaves.</summary>
[RnnModel(InputSize = 3)]
public partial class ReversedStrided
{
    [Conv1d(6, 3, Stride = 2, Padding = TimePadding.Causal)] public partial Conv1dLayer Slow { get; }

    [ReverseTime] public partial ReverseTimeLayer Mirrored { get; }

    [Gru(4)] public partial GruLayer Cell { get; }

    [ReverseTime] public partial ReverseTimeLayer Back { get; }

    [Concat(nameof(Back), nameof(Slow))] public partial ConcatLayer Out { get; }
}
