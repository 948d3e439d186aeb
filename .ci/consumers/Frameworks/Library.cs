#if NET10_0_OR_GREATER
using RnnCodegen;

/// <summary>Only where the package is.</summary>
[RnnModel(InputSize = 1)]
public partial class Tiny
{
    /// <summary>Its only layer.</summary>
    [Gru(4)]
    public partial GruLayer Memory { get; }
}
#endif

/// <summary>For all frameworks.</summary>
public static class Library
{
    /// <summary>Whether models run here.</summary>
    public static bool HasModels =>
#if NET10_0_OR_GREATER
        true;
#else
        false;
#endif
}
