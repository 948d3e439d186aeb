using RnnCodegen;

namespace Pretrained.Models;

/// <summary>
/// Imported from hey-mycroft.net (Keras HDF5). 13 features a row in; layers: Net (Gru 20), Dense1 (Dense 1).
/// </summary>
[RnnModel(InputSize = 13)]
public partial class HeyMycroft
{
    [Gru(20, ReturnSequences = false, ResetAfter = false, GateActivation = Activation.HardSigmoidKeras2, Activation = Activation.Linear)]
    public partial GruLayer Net { get; }
    [Dense(1, Activation = Activation.Sigmoid)] public partial DenseLayer Dense1 { get; }
}
