using RnnCodegen;

namespace EdgeMonitor;

/// <summary>A pump's three sensors in, what they should show a step later out.</summary>
[RnnModel(InputSize = 3)]
public partial class PumpMonitor
{
    /// <summary>What pumps of this kind do; learned in the workshop.</summary>
    [Gru(32)]
    public partial GruLayer Habits { get; }

    /// <summary>How this pump's sensors show it; tuned at the site.</summary>
    [Dense(3)]
    public partial DenseLayer Head { get; }
}
