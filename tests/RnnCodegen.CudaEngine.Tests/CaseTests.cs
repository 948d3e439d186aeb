using RnnCodegen.Cuda.Tests;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>
/// The numeric tests' cases on one more engine: models that <c>TryToCuda</c> brought to the software device, from loading to the last copy.
/// RNNCODEGEN_DEVICE_CASES=all takes every case, which is many minutes; otherwise it is one of sixteen.
/// </summary>
public class CaseTests
{
    /// <summary>All cases.</summary>
    internal static readonly IReadOnlyList<CaseShape> All =
    [
        .. PlainCases.Cases, .. VariantCases.Cases, .. ComposedCases.Cases, .. ReducedCases.Cases, .. TimeCases.Cases,
        .. MinimalCases.Cases, .. NoiseCases.Cases, .. NormalizedCases.Cases, .. CellOptionCases.Cases, .. RowLayerCases.Cases,
        .. SmoothActivationCases.Cases, .. CategoryCases.Cases, .. RowConvolutionCases.Cases,
    ];

    public static TheoryData<string> Cases() => Environment.GetEnvironmentVariable("RNNCODEGEN_DEVICE_CASES") == "all"
        ? [.. All.Select(c => c.Name)]
        : [.. All.Where((_, i) => i % 16 == 0).Select(c => c.Name)];

    public static TheoryData<string> FewCases() => [.. All.Where((_, i) => i % 64 == 0).Select(c => c.Name)];

    [NvrtcTheory]
    [MemberData(nameof(Cases))]
    public void Engine_equals_reference(string name) => Check(name, new SoftwareCard());

    /// <summary>A card without clusters of blocks takes other launches.</summary>
    [NvrtcTheory]
    [MemberData(nameof(FewCases))]
    public void Engine_equals_reference_without_clusters(string name) => Check(name, SoftwareCard.A100);

    private static void Check(string name, SoftwareCard card)
    {
        var shape = All.Single(c => c.Name == name);
        using var driver = new SoftwareDriver(card);
        DeviceCase.Check(shape, core => Software.Place(shape.Model, core, driver));
        driver.RequireClean();
    }
}
