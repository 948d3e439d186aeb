using RnnCodegen;

namespace BrowserVoice;

/// <summary>Log-mel energies of a frame in, the probability that somebody speaks out.</summary>
[RnnModel(InputSize = 24, Output = OutputTransform.Sigmoid)]
public partial class VoiceDetector
{
    /// <summary>Remembers what was heard.</summary>
    [Gru(24)]
    public partial GruLayer Memory { get; }

    /// <summary>Judges it.</summary>
    [Dense(1)]
    public partial DenseLayer Head { get; }
}
