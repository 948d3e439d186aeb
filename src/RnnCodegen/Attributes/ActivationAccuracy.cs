#if RNN_GENERATOR
namespace RnnCodegen.Generators.Specs;
#else
namespace RnnCodegen;
#endif

/// <summary>How exactly a model's layers compute sigmoid and tanh, in inference, <c>Forward</c> and <c>Backward</c> alike.</summary>
public enum ActivationAccuracy
{
    /// <summary>Sigmoid within 2.5 ULP and tanh within 1.8 ULP of the exact result, over all floats.</summary>
    Accurate,

    /// <summary>
    /// Both within 3e-7 absolute, and the derivative that <c>Backward</c> takes from the output within 1e-5 of the function's own. A step
    /// of 32 units takes an eighth less time.
    /// </summary>
    Fast,
}
