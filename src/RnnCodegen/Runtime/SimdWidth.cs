namespace RnnCodegen.Runtime;

/// <summary>The bodies the generator writes for each model.</summary>
public enum SimdWidth
{
    /// <summary>Plain C#, one float at a time.</summary>
    Scalar = 1,

    /// <summary>128-bit vectors: SSE, NEON.</summary>
    Vector128 = 4,

    /// <summary>256-bit vectors: AVX2.</summary>
    Vector256 = 8,

    /// <summary>512-bit vectors: AVX-512.</summary>
    Vector512 = 16,
}
