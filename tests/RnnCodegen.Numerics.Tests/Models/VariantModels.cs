namespace RnnCodegen.Numerics.Tests.Models;

// One recurrent property each, with the options a cell or a stack can have.

[RnnModel(InputSize = 5)]
public partial class LstmStacked
{
    [Lstm(20, Layers = 3)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 7)]
public partial class LstmBidirectional
{
    [Lstm(16, Bidirectional = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 17)]
public partial class LstmStackedBidirectional
{
    [Lstm(9, Layers = 2, Bidirectional = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 9)]
public partial class LstmProjection
{
    [Lstm(20, Projection = 7)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 4)]
public partial class LstmProjectionStackedBidirectional
{
    [Lstm(33, Projection = 17, Layers = 2, Bidirectional = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class LstmPeepholes
{
    [Lstm(17, Peepholes = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class LstmCoupled
{
    [Lstm(16, CoupledInputForget = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 8)]
public partial class LstmPeepholesProjectionCoupled
{
    [Lstm(19, Peepholes = true, Projection = 5, CoupledInputForget = true, Layers = 2, Bidirectional = true)]
    public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 10)]
public partial class LstmNoBias
{
    [Lstm(12, Bias = false)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmHardSigmoidRelu
{
    [Lstm(20, GateActivation = Activation.HardSigmoid, Activation = Activation.Relu)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmKeras2
{
    [Lstm(18, GateActivation = Activation.HardSigmoidKeras2, Peepholes = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmTanhSigmoid
{
    [Lstm(11, GateActivation = Activation.Tanh, Activation = Activation.Sigmoid)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmReluLinear
{
    [Lstm(10, GateActivation = Activation.Relu, Activation = Activation.Linear)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 9)]
public partial class GruStacked
{
    [Gru(33, Layers = 2)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 9)]
public partial class GruStackedBidirectional
{
    [Gru(17, Layers = 2, Bidirectional = true)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 9)]
public partial class GruBeforeStackedBidirectional
{
    [Gru(15, Layers = 2, Bidirectional = true, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class GruNoBias
{
    [Gru(20, Bias = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class GruBeforeNoBias
{
    [Gru(20, Bias = false, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 13)]
public partial class GruHardSigmoidLinear
{
    [Gru(20, GateActivation = Activation.HardSigmoidKeras2, Activation = Activation.Linear)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 13)]
public partial class GruBeforeHardSigmoidRelu
{
    [Gru(19, GateActivation = Activation.HardSigmoid, Activation = Activation.Relu, ResetAfter = false)]
    public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 4)]
public partial class ElmanStackedBidirectional
{
    [Elman(18, Layers = 3, Bidirectional = true)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 4)]
public partial class ElmanNoBias
{
    [Elman(20, Bias = false, Activation = Activation.Relu)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 2)]
public partial class ElmanTall
{
    [Elman(3, Layers = 44, Dropout = 0.1f, Activation = Activation.Relu)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 9, ActivationAccuracy = ActivationAccuracy.Fast)]
public partial class FastLstm
{
    [Lstm(37, Layers = 2)] public partial LstmLayer Cell { get; }
    [Dense(6, Activation = Activation.Sigmoid)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 9, ActivationAccuracy = ActivationAccuracy.Fast, Output = OutputTransform.Sigmoid)]
public partial class FastGruElman
{
    [Gru(33, Bidirectional = true)] public partial GruLayer Cell { get; }
    [Elman(20)] public partial ElmanLayer Next { get; }
    [Dense(6, Activation = Activation.Tanh)] public partial DenseLayer Head { get; }
}
