using RnnCodegen;

namespace SpokenDigits;

/// <summary>Log-mel rows of a clip in, the scores of the ten digits out.</summary>
[RnnModel(InputSize = Hearing.Bands)]
public partial class DigitClassifier
{
    /// <summary>Neighbouring rows seen together, every second of them.</summary>
    [Conv1d(48, 5, Stride = 2, Activation = Activation.Relu)]
    public partial Conv1dLayer Front { get; }

    /// <summary>Hides some of what is seen, in training.</summary>
    [Dropout(0.3f)]
    public partial DropoutLayer Gaps { get; }

    /// <summary>Reads the clip from both ends.</summary>
    [Gru(64, Bidirectional = true)]
    public partial GruLayer Memory { get; }

    /// <summary>The whole clip as one row.</summary>
    [GlobalPool(Pooling.Average)]
    public partial GlobalPoolLayer Clip { get; }

    /// <summary>As <see cref="Gaps"/>.</summary>
    [Dropout(0.3f)]
    public partial DropoutLayer MoreGaps { get; }

    /// <summary>A score for each digit.</summary>
    [Dense(10)]
    public partial DenseLayer Head { get; }
}

/// <summary>Log-mel rows of several digits in; out, at every second row, which digit is being said, or none (class 0), for CTC.</summary>
[RnnModel(InputSize = Hearing.Bands, Output = OutputTransform.LogSoftmax)]
public partial class DigitReader
{
    /// <summary>Neighbouring rows seen together, every second of them.</summary>
    [Conv1d(48, 5, Stride = 2, Activation = Activation.Relu)]
    public partial Conv1dLayer Front { get; }

    /// <summary>Hides some of what is seen, in training.</summary>
    [Dropout(0.2f)]
    public partial DropoutLayer Gaps { get; }

    /// <summary>Reads the string from both ends.</summary>
    [Gru(64, Bidirectional = true)]
    public partial GruLayer Memory { get; }

    /// <summary>As <see cref="Gaps"/>.</summary>
    [Dropout(0.2f)]
    public partial DropoutLayer MoreGaps { get; }

    /// <summary>The blank and ten digits.</summary>
    [Dense(11)]
    public partial DenseLayer Head { get; }
}
