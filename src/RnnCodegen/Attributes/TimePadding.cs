#if RNN_GENERATOR
namespace RnnCodegen.Generators.Specs;
#else
namespace RnnCodegen;
#endif

/// <summary>The rows of zeros that a <see cref="Conv1dAttribute"/> sees before and after a sequence.</summary>
public enum TimePadding
{
    /// <summary>
    /// None but <see cref="Conv1dAttribute.PadLeft"/> and <see cref="Conv1dAttribute.PadRight"/>: T' = (T + left + right - D (K - 1) - 1) /
    /// stride + 1.
    /// </summary>
    Valid,

    /// <summary>D (K - 1) rows, the smaller half before: T' = T / stride, rounded up.</summary>
    Same,

    /// <summary>D (K - 1) rows, all before, so that no output depends on a later input: T' = T / stride, rounded up.</summary>
    Causal,
}
