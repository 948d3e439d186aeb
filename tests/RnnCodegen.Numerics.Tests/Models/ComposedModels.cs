namespace RnnCodegen.Numerics.Tests.Models;

// Several layers, joined in every way a model can say.

[RnnModel(InputSize = 12)]
public partial class HeadOfEveryActivation
{
    [Dense(20, Activation = Activation.Relu)] public partial DenseLayer Before { get; }

    [Lstm(17)] public partial LstmLayer Cell { get; }

    [Dense(33, Activation = Activation.Tanh)] public partial DenseLayer Tanh { get; }

    [Dense(19, Activation = Activation.HardSigmoid)] public partial DenseLayer Hard { get; }

    [Dense(16, Activation = Activation.Sigmoid)] public partial DenseLayer Soft { get; }

    [Dense(9, Activation = Activation.HardSigmoidKeras2, Bias = false)] public partial DenseLayer Keras2 { get; }

    [Dense(3)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 3, Output = OutputTransform.Softmax)]
public partial class SoftmaxClassifier
{
    [Gru(24, Layers = 2, Bidirectional = true, ReturnSequences = false)] public partial GruLayer Encoder { get; }

    [Dense(5)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 3, Output = OutputTransform.Sigmoid)]
public partial class SigmoidTagger
{
    [Elman(10)] public partial ElmanLayer Encoder { get; }

    [Dense(1)] public partial DenseLayer Head { get; }
}

[RnnModel(Output = OutputTransform.LogSoftmax)]
public partial class LanguageModel
{
    [Embedding(29, 12)] public partial EmbeddingLayer Letters { get; }

    [Lstm(24)] public partial LstmLayer Cell { get; }

    [Dense(29)] public partial DenseLayer Head { get; }
}

[RnnModel]
public partial class Sentiment
{
    [Embedding(50, 17)] public partial EmbeddingLayer Words { get; }

    [Gru(16, Bidirectional = true, ResetAfter = false, ReturnSequences = false)] public partial GruLayer Encoder { get; }

    [Dense(2)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 6)]
public partial class LastOfProjection
{
    [Lstm(18, Projection = 6, Peepholes = true, ReturnSequences = false)] public partial LstmLayer Cell { get; }
}

[RnnModel(InputSize = 6)]
public partial class LastOfElman
{
    [Elman(20, Bidirectional = true, ReturnSequences = false)] public partial ElmanLayer Cell { get; }
}

[RnnModel(InputSize = 33)]
public partial class Normalised
{
    [LayerNorm] public partial LayerNormLayer Before { get; }

    [Gru(20)] public partial GruLayer Cell { get; }

    [LayerNorm(Epsilon = 1e-3f)] public partial LayerNormLayer After { get; }
}

[RnnModel(InputSize = 7)]
public partial class Residual
{
    [Dense(20)] public partial DenseLayer Stem { get; }

    [Lstm(20)] public partial LstmLayer First { get; }

    [Add(nameof(Stem), nameof(First))] public partial AddLayer Sum { get; }

    [LayerNorm] public partial LayerNormLayer Norm { get; }

    [Lstm(20)] public partial LstmLayer Second { get; }

    [Add(nameof(Sum), nameof(Second), nameof(Stem))] public partial AddLayer Out { get; }
}

[RnnModel(InputSize = 5)]
public partial class Branches
{
    [Dense(9, Activation = Activation.Tanh)] public partial DenseLayer Stem { get; }

    [Gru(17, From = nameof(Stem))] public partial GruLayer Left { get; }

    [Elman(6, From = nameof(Stem), Bidirectional = true)] public partial ElmanLayer Right { get; }

    [Concat(nameof(Left), nameof(Stem), nameof(Right))] public partial ConcatLayer Joined { get; }

    [Dense(4)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 5)]
public partial class LastStatesJoined
{
    [Lstm(8, Layers = 2, ReturnSequences = false)] public partial LstmLayer Left { get; }

    [Dense(8, Activation = Activation.Relu)] public partial DenseLayer LeftHead { get; }

    [LayerNorm] public partial LayerNormLayer Norm { get; }

    [Add(nameof(Left), nameof(Norm))] public partial AddLayer Sum { get; }

    [Concat(nameof(Sum), nameof(LeftHead))] public partial ConcatLayer Joined { get; }
}

[RnnModel(InputSize = 9)]
public partial class Dropped
{
    [Dropout(0.2f)] public partial DropoutLayer Before { get; }

    [Lstm(17, Layers = 3, Dropout = 0.5f)] public partial LstmLayer Cell { get; }

    [Dropout(0.3f)] public partial DropoutLayer After { get; }

    [Dense(4)] public partial DenseLayer Head { get; }
}

[RnnModel(InputSize = 9)]
public partial class DroppedBidirectional
{
    [Gru(10, Layers = 2, Dropout = 0.4f, Bidirectional = true, ReturnSequences = false)] public partial GruLayer Cell { get; }

    [Dropout(0.25f)] public partial DropoutLayer After { get; }
}

/// <summary>Models may be nested, and their members need not be public.</summary>
internal static partial class Container
{
    [RnnModel(InputSize = 4)]
    internal partial class Nested
    {
        [Gru(6)] internal partial GruLayer Cell { get; }

        [Dense(2)] internal partial DenseLayer Head { get; }
    }
}
