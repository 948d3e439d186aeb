using RnnCodegen;

namespace CudaTraining;

/// <summary>One value of a series in, the value some steps later out.</summary>
[RnnModel(InputSize = 1, Cuda = true)]
public partial class ChaosForecaster
{
    /// <summary>Remembers the past.</summary>
    [Lstm(64)]
    public partial LstmLayer Memory { get; }

    /// <summary>Says what is to come.</summary>
    [Dense(1)]
    public partial DenseLayer Outlook { get; }
}
