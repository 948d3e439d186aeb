#if RNN_GENERATOR
namespace RnnCodegen.Generators.Specs;
#else
namespace RnnCodegen;
#endif

/// <summary>The function that pools several steps into one.</summary>
public enum Pooling
{
    /// <summary>The mean of each feature.</summary>
    Average,

    /// <summary>The largest value of each feature.</summary>
    Max,
}
