using Xunit;

namespace RnnCodegen.PtxMachine;

/// <summary>A test that compiles CUDA, skipped where NVIDIA's compiler is absent: xunit decides to skip before it runs a test.</summary>
public sealed class NvrtcFactAttribute : FactAttribute
{
    /// <summary>A test.</summary>
    public NvrtcFactAttribute() => Skip = Nvrtc.IsThere ? null : Nvrtc.WhyNot;
}

/// <summary>A theory of the same kind.</summary>
public sealed class NvrtcTheoryAttribute : TheoryAttribute
{
    /// <summary>A theory.</summary>
    public NvrtcTheoryAttribute() => Skip = Nvrtc.IsThere ? null : Nvrtc.WhyNot;
}
