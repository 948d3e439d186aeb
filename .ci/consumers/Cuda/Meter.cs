using RnnCodegen;

namespace Consumer;

/// <summary>A model with code for GPUs.</summary>
[RnnModel(InputSize = 3, Cuda = true)]
public partial class Meter
{
    /// <summary>The recurrent layer.</summary>
    [Gru(8)]
    public partial GruLayer Memory { get; }

    /// <summary>The output.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}
