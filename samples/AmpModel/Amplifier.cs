using RnnCodegen;

namespace AmpModel;

/// <summary>A sample of the dry guitar in, a sample of the amplified one out: what is to be added to the dry one.</summary>
[RnnModel(InputSize = 1)]
public partial class Amplifier
{
    /// <summary>What the circuit's capacitors remember, and how its diodes bend it.</summary>
    [Lstm(24)]
    public partial LstmLayer Circuit { get; }

    /// <summary>The circuit's part of the output.</summary>
    [Dense(1)]
    public partial DenseLayer Wet { get; }

    /// <summary>The dry sound goes past the circuit.</summary>
    [Add(nameof(Wet), RnnModelAttribute.Input)]
    public partial AddLayer Output { get; }
}
