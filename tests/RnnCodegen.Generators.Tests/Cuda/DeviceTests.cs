using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.Generators.Tests.Lowering;
using RnnCodegen.PtxMachine;

namespace RnnCodegen.Generators.Tests.Cuda;

/// <summary>
/// Device code against the reference: every pass of the numeric tests' cases, compiled by NVIDIA's compiler and run thread by thread on a
/// machine that also looks for races, unwritten memory and barriers that not all reach. RNNCODEGEN_DEVICE_CASES=all takes every case, which
/// is many minutes; otherwise it is one of sixteen.
/// </summary>
public class DeviceTests
{
    public static TheoryData<string> Cases() => Environment.GetEnvironmentVariable("RNNCODEGEN_DEVICE_CASES") == "all"
        ? [.. AnnotatedModels.Cases.Select(c => c.Name)]
        : [.. AnnotatedModels.Cases.Where((_, i) => i % 16 == 0).Select(c => c.Name)];

    /// <summary>On a machine whose blocks hold next to nothing: clusters of several blocks, weights in shared memory.</summary>
    [NvrtcTheory]
    [MemberData(nameof(Cases))]
    public void Device_code_over_clusters_equals_reference(string name)
    {
        var shape = AnnotatedModels.Cases.Single(c => c.Name == name);
        var model = AnnotatedModels.Of(shape.Model);
        var small = new DeviceMachine { WeightsOfThread = 4, WeightsInShared = 2048, LargeWeights = 1, Samples = 2 };
        new DeviceCase(model.Program, model.Reference, shape, small).Check();
    }

    /// <summary>On a machine without clusters: large loops are launches of their own for each step.</summary>
    [NvrtcTheory]
    [MemberData(nameof(Cases))]
    public void Device_code_step_by_step_equals_reference(string name)
    {
        var shape = AnnotatedModels.Cases.Single(c => c.Name == name);
        var model = AnnotatedModels.Of(shape.Model);
        var small = new DeviceMachine { WeightsOfThread = 0, WeightsInShared = 0, LargeWeights = 1 };
        new DeviceCase(model.Program, model.Reference, shape, small).Check();
    }
}

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
