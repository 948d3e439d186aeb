using RnnCodegen;

namespace RnnProgram;

/// <summary>A sensor's value in, the next one out.</summary>
[RnnModel(InputSize = 1)]
public partial class SensorModel
{
    /// <summary>Remembers.</summary>
    [Gru(16)]
    public partial GruLayer Memory { get; }

    /// <summary>Says.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}
