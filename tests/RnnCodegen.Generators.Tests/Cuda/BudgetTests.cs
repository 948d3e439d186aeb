using System.Globalization;
using System.Text.RegularExpressions;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.Generators.Tests.Snapshots;
using RnnCodegen.PtxMachine;

namespace RnnCodegen.Generators.Tests.Cuda;

/// <summary>
/// Every kernel compiles for GPUs with clusters and without, within a budget of registers and spills. Loops that hold weights spill
/// nothing. Others of cells of all sizes take at most 128 registers and spill 16 bytes, where the assembler gives up one for more threads
/// at a time; those of the snapshots' models 160 and 32, as a normalization keeps a row's sums. With
/// RNNCODEGEN_DEVICE_CASES=all all sizes are taken.
/// </summary>
public partial class BudgetTests
{
    public static TheoryData<string, int, string, string> Shapes()
    {
        var data = new TheoryData<string, int, string, string>();
        if (Environment.GetEnvironmentVariable("RNNCODEGEN_DEVICE_CASES") != "all")
        {
            data.Add("Lstm", 128, "sm_90", "Float32");
            data.Add("Gru", 512, "sm_90", "Float32");
            data.Add("Elman", 17, "sm_80", "Float32");
            data.Add("Lstm", 1024, "sm_80", "Float32");
            data.Add("Gru", 1024, "sm_80", "TensorFloat32");
            data.Add("Lstm", 96, "sm_90", "BFloat16");
            return data;
        }

        foreach (var cell in new[] { "Lstm", "Gru", "Elman" })
        {
            foreach (var size in new[] { 1, 17, 32, 96, 128, 256, 384, 512, 1024 })
            {
                foreach (var precision in Enum.GetNames<CudaPrecisionKind>())
                {
                    data.Add(cell, size, "sm_90", precision);
                    data.Add(cell, size, "sm_80", precision);
                }
            }
        }

        return data;
    }

    [NvrtcTheory]
    [MemberData(nameof(Shapes))]
    public void Kernels_compile_within_their_budget(string cell, int units, string architecture, string precision)
    {
        var plan = Plan(cell, units, out var parameters, Enum.Parse<CudaPrecisionKind>(precision));
        Check($"{cell} {units}", plan, parameters, architecture, (128, 16));
    }

    /// <summary>One of four, or all where RNNCODEGEN_SWEEPS is all.</summary>
    public static TheoryData<string> Models => Environment.GetEnvironmentVariable("RNNCODEGEN_SWEEPS") == "all"
        ? [.. ModelSources.All.Keys]
        : [.. ModelSources.All.Keys.Where((_, i) => i % 4 == 2)];

    [NvrtcTheory]
    [MemberData(nameof(Models))]
    public void Kernels_of_the_snapshots_models_compile_within_their_budget(string model)
    {
        var plan = PlannedModel.Of(ModelSources.All[model].Source, out var parameters);
        Check(model, plan, parameters, "sm_80", (160, 32));
        Check(model, plan, parameters, "sm_90", (160, 32));
    }

    private static void Check(
        string model, DevicePlan plan, ParameterTable parameters, string architecture, (int Registers, int Spilled) most)
    {
        var log = Nvrtc.Log(PlannedModel.Text(plan, parameters), architecture);
        var kernels = Report().Matches(log).ToDictionary(m => m.Groups["name"].Value, m => (
            Registers: int.Parse(m.Groups["registers"].Value, CultureInfo.InvariantCulture),
            Spilled: int.Parse(m.Groups["stores"].Value, CultureInfo.InvariantCulture)));
        foreach (var kernel in plan.Kernels.Where(k => k.Cluster == 1 || architecture != "sm_80"))
        {
            Assert.True(kernels.TryGetValue(kernel.Name, out var found), $"{kernel.Name} is not in\n{log}");
            var (registers, spilled) = found;
            var isLoop = kernel.Resident is not null;
            Assert.True(
                spilled <= (isLoop ? 0 : most.Spilled) && registers <= (isLoop ? 255 : most.Registers),
                $"{kernel.Name} of {model} has {registers} registers, and spills {spilled} bytes.");
        }
    }

    /// <summary>The weights of loops are on chip: in one block up to 96 units, in a cluster up to 512.</summary>
    [Theory]
    [InlineData("Lstm", 96, 1)]
    [InlineData("Lstm", 128, 2)]
    [InlineData("Lstm", 256, 8)]
    [InlineData("Lstm", 512, 16)]
    [InlineData("Gru", 96, 1)]
    [InlineData("Gru", 512, 16)]
    [InlineData("Elman", 128, 1)]
    public void Weights_of_loops_are_on_chip(string cell, int units, int blocks)
    {
        var resident = Plan(cell, units, out _).Kernels.Where(k => k.Form == KernelForm.Resident).ToList();
        Assert.Equal(Enumerable.Repeat(blocks, 3), resident.Select(kernel => kernel.Cluster));
    }

    /// <summary>Products of all steps are rounded as asked for, those of a step on its way through time are not.</summary>
    [Fact]
    public void Products_of_a_step_are_float32()
    {
        var plan = Plan("Lstm", 1024, out var parameters, CudaPrecisionKind.BFloat16);
        var text = PlannedModel.Text(plan, parameters);
        var tiles = Tile().Matches(text).ToDictionary(m => m.Groups["kernel"].Value, m => m.Groups["precision"].Value);
        foreach (var kernel in plan.Kernels.Where(k => k.Form is KernelForm.Product or KernelForm.WeightGradient))
        {
            var isOfStep = kernel.Scope.IsStep || kernel.Scope.Place == LoopPlace.Step;
            Assert.Equal(isOfStep ? "Float32" : "BFloat16", tiles[kernel.Name]);
        }

        Assert.Equal(["BFloat16", "Float32"], tiles.Values.Distinct().Order());
    }

    private static DevicePlan Plan(
        string cell, int units, out ParameterTable parameters, CudaPrecisionKind precision = CudaPrecisionKind.Float32) => PlannedModel.Of(
            $"[RnnModel(InputSize = 8)] public partial class Model {{ [{cell}({units})] public partial {cell}Layer Cell {{ get; }} " +
            "[Dense(4)] public partial DenseLayer Head { get; } }", out parameters, precision);

    [GeneratedRegex(
        @"__launch_bounds__\([^)]*\) (?<kernel>\w+)\((?:(?!__launch_bounds__).)*? tile<(?<precision>\w+),", RegexOptions.Singleline)]
    private static partial Regex Tile();

    // ptxas: "Compiling entry function 'run_1' ...", "0 bytes stack frame, 0 bytes spill stores, ...", "Used 40 registers, ...".
    [GeneratedRegex(
        @"entry function '(?<name>\w+)'.*?(?<stores>\d+) bytes spill stores.*?Used (?<registers>\d+) registers", RegexOptions.Singleline)]
    private static partial Regex Report();
}
