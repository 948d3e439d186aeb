namespace RnnCodegen.Numerics.Tests.Models;

// What cells of other frameworks have beyond PyTorch's: bounds, activations of their own, one direction in reverse, a learned start. Bounds
// are low enough that each bounds some sums and not others.

[RnnModel(InputSize = 6)]
public partial class LstmClip
{
    [Lstm(17, Clip = 0.5f)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class LstmCellClip
{
    [Lstm(20, CellClip = 0.25f, Peepholes = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 8)]
public partial class LstmBoundedEverything
{
    [Lstm(19, Peepholes = true, Projection = 5, CoupledInputForget = true, Layers = 2, Bidirectional = true, Clip = 0.4f, CellClip = 0.3f)]
    public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmCellElu
{
    [Lstm(11, CellActivation = Activation.Elu, Alpha = 0.7f)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmCellLinear
{
    [Lstm(16, CellActivation = Activation.Linear, CellClip = 0.3f, Projection = 6)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmLinearGatesPeepholes
{
    [Lstm(11, GateActivation = Activation.Linear, Peepholes = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmLeakyElu
{
    [Lstm(18, GateActivation = Activation.LeakyRelu, GateAlpha = 0.2f, Activation = Activation.Elu, Clip = 0.9f)]
    public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 13)]
public partial class GruClip
{
    [Gru(20, Clip = 0.4f)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 9)]
public partial class GruBeforeClip
{
    [Gru(17, Clip = 0.4f, ResetAfter = false)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 9)]
public partial class GruEluLeaky
{
    [Gru(12, GateActivation = Activation.Elu, GateAlpha = 0.3f, Activation = Activation.LeakyRelu)] public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 9)]
public partial class GruBeforeLinearClip
{
    [Gru(33, GateActivation = Activation.LeakyRelu, Activation = Activation.Linear, Clip = 0.6f, ResetAfter = false)]
    public partial GruLayer Cell { get; }
}

[RnnModel(InputSize = 7)]
public partial class ElmanOfEveryActivation
{
    [Elman(18, Activation = Activation.Sigmoid, Clip = 0.5f)] public partial ElmanLayer First { get; }

    [Elman(9, Activation = Activation.LeakyRelu, Alpha = 0.3f)] public partial ElmanLayer Second { get; }

    [Elman(5, Activation = Activation.Elu, Alpha = 1.5f)] public partial ElmanLayer Third { get; }

    [Elman(16, Activation = Activation.HardSigmoid)] public partial ElmanLayer Fourth { get; }

    [Elman(17, Activation = Activation.Linear)] public partial ElmanLayer Last { get; }
}

[RnnModel(InputSize = 7)]
public partial class HeadsWithAlpha
{
    [Dense(18, Activation = Activation.LeakyRelu)] public partial DenseLayer First { get; }

    [Dense(16, Activation = Activation.Elu)] public partial DenseLayer Second { get; }

    [Dense(5, Activation = Activation.LeakyRelu, Alpha = 1.5f)] public partial DenseLayer Third { get; }

    [Dense(3, Activation = Activation.Elu, Alpha = 0.25f)] public partial DenseLayer Last { get; }
}

[RnnModel(InputSize = 5)]
public partial class LstmReverse
{
    [Lstm(20, Layers = 2, Reverse = true, Dropout = 0.2f)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class LastOfReverse
{
    [Gru(17, Reverse = true, ResetAfter = false)] public partial GruLayer Below { get; }

    [Gru(9, Reverse = true, ReturnSequences = false)] public partial GruLayer Cell { get; }

    [Dense(4)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 4)]
public partial class ThereAndBack
{
    [Elman(12, Reverse = true, Bias = false)] public partial ElmanLayer Back { get; }

    [Elman(12, From = nameof(Back))] public partial ElmanLayer There { get; }

    [Add(nameof(Back), nameof(There))] public partial AddLayer Both { get; }
}

[RnnModel(InputSize = 7)]
public partial class LstmLearned
{
    [Lstm(17, LearnedInitialState = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 4)]
public partial class LstmLearnedStackedBidirectional
{
    [Lstm(20, Projection = 6, Layers = 2, Bidirectional = true, LearnedInitialState = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 9)]
public partial class LearnedAndNot
{
    [Gru(33, LearnedInitialState = true, ResetAfter = false)] public partial GruLayer Below { get; }

    [Gru(16)] public partial GruLayer Cell { get; }

    [Elman(5, LearnedInitialState = true, ReturnSequences = false)] public partial ElmanLayer Last { get; }

    [Dense(3)] public partial DenseLayer Head { get; }
}

[RnnModel]
public partial class LearnedTokens
{
    [Embedding(29, 12)] public partial EmbeddingLayer Letters { get; }

    [Gru(20, LearnedInitialState = true, Clip = 0.8f)] public partial GruLayer Cell { get; }

    [Dense(29)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 6)]
public partial class EveryCellOption
{
    [Lstm(
        18, Layers = 2, Reverse = true, Dropout = 0.1f, Clip = 0.7f, CellClip = 0.3f, Peepholes = true, CoupledInputForget = true,
        Projection = 7,
        LearnedInitialState = true, GateActivation = Activation.HardSigmoid, Activation = Activation.Elu, CellActivation = Activation.Tanh,
        Alpha = 0.8f)]
    public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class WideBounds
{
    [Lstm(
        12, Layers = 2, Reverse = true, Dropout = 0.1f, Clip = 4, CellClip = 2, Peepholes = true, CoupledInputForget = true, Projection = 7,
        LearnedInitialState = true, CellActivation = Activation.Elu)]
    public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6, ActivationAccuracy = ActivationAccuracy.Fast)]
public partial class FastClip
{
    [Lstm(17, Clip = 0.5f, CellClip = 0.3f, LearnedInitialState = true)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.BFloat16)]
public partial class BFloat16Bounded
{
    [Lstm(17, Clip = 0.4f, CellClip = 0.3f, Peepholes = true)] public partial LstmLayer Cell { get; }

    [Gru(9, Clip = 0.4f, LearnedInitialState = true)] public partial GruLayer Next { get; }

    [Elman(20, Reverse = true, Activation = Activation.Elu, Clip = 0.5f)] public partial ElmanLayer Last { get; }
}

[RnnModel(InputSize = 6, WeightFormat = WeightFormat.Int8)]
public partial class Int8Bounded
{
    [Lstm(17, Clip = 0.4f, CellClip = 0.3f, Projection = 9)] public partial LstmLayer Cell { get; }

    [Gru(9, Clip = 0.4f, ResetAfter = false)] public partial GruLayer Next { get; }

    [Elman(20, Activation = Activation.LeakyRelu, LearnedInitialState = true)] public partial ElmanLayer Last { get; }
}
