#if RNN_GENERATOR
namespace RnnCodegen.Generators.Specs;
#else
namespace RnnCodegen;
#endif

/// <summary>The score of a query row q and a memory row m.</summary>
public enum AttentionScore
{
    /// <summary>q . m; both of one width.</summary>
    Dot,

    /// <summary>q . m / sqrt(width); both of one width.</summary>
    ScaledDot,

    /// <summary>q . W m, with trained W (Luong's general score).</summary>
    General,

    /// <summary>v . tanh(W q + U m), with trained W, U and v (Bahdanau's additive score).</summary>
    Additive,
}
