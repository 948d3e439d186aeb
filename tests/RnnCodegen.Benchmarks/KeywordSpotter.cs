namespace RnnCodegen.Benchmarks;

/// <summary>A typical model: 40 features a frame in, 12 class scores out.</summary>
[RnnModel(InputSize = 40)]
public partial class KeywordSpotter
{
    /// <summary>The recurrent layers.</summary>
    [Gru(64, Layers = 2, Dropout = 0.1f)]
    public partial GruLayer Encoder { get; }

    /// <summary>The scores.</summary>
    [Dense(12)]
    public partial DenseLayer Head { get; }
}
