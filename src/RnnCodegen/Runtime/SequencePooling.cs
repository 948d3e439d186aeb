#if RNN_GENERATOR
namespace RnnCodegen.Generators.Specs;
#else
namespace RnnCodegen.Runtime;
#endif

/// <summary>How a sequence becomes one row.</summary>
public enum SequencePooling
{
    /// <summary>The mean of the valid steps.</summary>
    Average,

    /// <summary>The largest value of each feature.</summary>
    Max,

    /// <summary>The mean with weights softmax_t(w . x_t).</summary>
    Attention,
}
