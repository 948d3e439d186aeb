namespace RnnCodegen.Numerics.Tests.Models;

// Normalised gates, and layers of rows that are one walk along a row.

[RnnModel(InputSize = 5)]
public partial class LstmPerGate
{
    [Lstm(17, Normalization = GateNormalization.PerGate)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmJoint
{
    [Lstm(33, Normalization = GateNormalization.Joint, NormalizationEpsilon = 1e-3f)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class LstmNormalizedEverything
{
    [Lstm(
        20, Layers = 2, Bidirectional = true, Dropout = 0.2f, Projection = 7, Peepholes = true, CellClip = 0.5f, Clip = 2,
        RecurrentDropout = 0.3f, Zoneout = 0.2f, CellZoneout = 0.1f, LearnedInitialState = true,
        Normalization = GateNormalization.PerGate)]
    public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class LstmNormalizedCoupled
{
    [Lstm(
        16, CoupledInputForget = true, Bias = false, GateActivation = Activation.HardSigmoid, CellActivation = Activation.Silu,
        Reverse = true, Normalization = GateNormalization.Joint)]
    public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class GruPerGate
{
    [Gru(33, Normalization = GateNormalization.PerGate)] public partial GruLayer Below { get; }

    [Gru(9, Normalization = GateNormalization.Joint, Bidirectional = true)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class GruNormalizedBefore
{
    [Gru(18, ResetAfter = false, Normalization = GateNormalization.PerGate, RecurrentDropout = 0.3f, Zoneout = 0.2f)]
    public partial GruLayer Below { get; }

    [Gru(12, ResetAfter = false, Normalization = GateNormalization.Joint, Bias = false, ReturnSequences = false)]
    public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 9, WeightFormat = WeightFormat.Int8)]
public partial class Int8Normalized
{
    [Lstm(17, Normalization = GateNormalization.PerGate)] public partial LstmLayer Below { get; }

    [Gru(16, Normalization = GateNormalization.Joint)] public partial GruLayer Cell { get; }
}

/// <summary>A row that is longer than what single precision sums up at a time.</summary>
[RnnModel(InputSize = 4)]
public partial class LongRows
{
    [Dense(1050)] public partial DenseLayer Wide { get; }

    [LayerNorm] public partial LayerNormLayer Normalized { get; }

    [Activation(Activation.Tanh)] public partial ActivationLayer Bounded { get; }

    [Dense(3)] public partial DenseLayer Out { get; }
}

/// <summary>What is before a normalisation in its walk: the gradient of the slopes needs sums along the row.</summary>
[RnnModel(InputSize = 5)]
public partial class NormalizedTwice
{
    [Dense(19, Activation = Activation.Gelu)] public partial DenseLayer Front { get; }

    [PRelu] public partial PReluLayer Bent { get; }

    [LayerNorm] public partial LayerNormLayer First { get; }

    [LayerNorm(Epsilon = 1e-3f)] public partial LayerNormLayer Second { get; }

    [Affine] public partial AffineLayer Scaled { get; }

    [Activation(Activation.Mish)] public partial ActivationLayer Shaped { get; }
}

/// <summary>Joins of rows that functions follow, some of the same row, and of the model's input.</summary>
[RnnModel(InputSize = 19)]
public partial class NormalizedJoins
{
    [Add(RnnModelAttribute.Input, RnnModelAttribute.Input)] public partial AddLayer Doubled { get; }

    [LayerNorm] public partial LayerNormLayer First { get; }

    [Gru(19)] public partial GruLayer Cell { get; }

    [Multiply(nameof(Cell), RnnModelAttribute.Input, nameof(Cell), nameof(First))] public partial MultiplyLayer Product { get; }

    [LayerNorm] public partial LayerNormLayer Second { get; }

    [Dropout(0.25f)] public partial DropoutLayer Drop { get; }

    [Add(nameof(Drop), nameof(Cell), nameof(Drop))] public partial AddLayer Sum { get; }

    [LayerNorm] public partial LayerNormLayer Out { get; }
}

// What inference makes of rows that are the model's input.

[RnnModel(InputSize = 2, Output = OutputTransform.Softmax)]
public partial class SoftmaxOf2
{
    [Affine] public partial AffineLayer Same { get; }
}

[RnnModel(InputSize = 33, Output = OutputTransform.Softmax)]
public partial class SoftmaxOf33
{
    [Affine] public partial AffineLayer Same { get; }
}

[RnnModel(InputSize = 5000, Output = OutputTransform.Softmax)]
public partial class SoftmaxOf5000
{
    [Affine] public partial AffineLayer Same { get; }
}

[RnnModel(InputSize = 17, Output = OutputTransform.LogSoftmax)]
public partial class LogSoftmaxOf17
{
    [Affine] public partial AffineLayer Same { get; }
}

[RnnModel(InputSize = 5000, Output = OutputTransform.LogSoftmax)]
public partial class LogSoftmaxOf5000
{
    [Affine] public partial AffineLayer Same { get; }
}

[RnnModel(InputSize = 31, Output = OutputTransform.Sigmoid)]
public partial class SigmoidOf31
{
    [Affine] public partial AffineLayer Same { get; }
}

[RnnModel(InputSize = 19)]
public partial class NormOf19
{
    [LayerNorm] public partial LayerNormLayer Out { get; }
}

[RnnModel(InputSize = 19)]
public partial class BendOf19
{
    [PRelu] public partial PReluLayer Out { get; }
}
