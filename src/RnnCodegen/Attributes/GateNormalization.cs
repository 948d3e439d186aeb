#if RNN_GENERATOR
namespace RnnCodegen.Generators.Specs;
#else
namespace RnnCodegen;
#endif

/// <summary>
/// How a recurrent layer normalises the products of its gates, W x and U h each for itself, before their biases are added.
/// </summary>
public enum GateNormalization
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Each gate has its own mean and variance (Ba et al., 2016, as most cells with layer normalisation do).</summary>
    PerGate,

    /// <summary>All gates of a product have one mean and one variance (Haste).</summary>
    Joint,
}
