using RnnCodegen.PtxMachine;

namespace RnnCodegen.Generators.Tests.Cuda;

/// <summary>A theory that is skipped where NVIDIA's compiler is absent; xunit decides to skip before it runs a test.</summary>
public sealed class NvrtcTheoryAttribute : TheoryAttribute
{
    /// <summary>A theory that compiles CUDA.</summary>
    public NvrtcTheoryAttribute() => Skip = Nvrtc.IsThere ? null : Nvrtc.WhyNot;
}

/// <summary>A test of the same kind.</summary>
public sealed class NvrtcFactAttribute : FactAttribute
{
    /// <summary>A test that compiles CUDA.</summary>
    public NvrtcFactAttribute() => Skip = Nvrtc.IsThere ? null : Nvrtc.WhyNot;
}
