using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Emission.Cuda;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.Generators.Specs;
using RnnCodegen.PtxMachine;

namespace RnnCodegen.Generators.Tests.Cuda;

/// <summary>
/// Every kernel of cells of all sizes compiles for GPUs with clusters and without, within a budget: loops that hold weights spill nothing,
/// others at most 16 bytes, with at most 128 registers. RNNCODEGEN_DEVICE_CASES=all takes all sizes.
/// </summary>
public partial class BudgetTests
{
    public static TheoryData<string, int, string> Shapes()
    {
        var data = new TheoryData<string, int, string>();
        if (Environment.GetEnvironmentVariable("RNNCODEGEN_DEVICE_CASES") != "all")
        {
            data.Add("Lstm", 128, "sm_90");
            data.Add("Gru", 512, "sm_90");
            data.Add("Elman", 17, "sm_80");
            data.Add("Lstm", 1024, "sm_80");
            return data;
        }

        foreach (var cell in new[] { "Lstm", "Gru", "Elman" })
        {
            foreach (var size in new[] { 1, 17, 32, 96, 128, 256, 384, 512, 1024 })
            {
                data.Add(cell, size, "sm_90");
                data.Add(cell, size, "sm_80");
            }
        }

        return data;
    }

    [NvrtcTheory]
    [MemberData(nameof(Shapes))]
    public void Kernels_compile_within_their_budget(string cell, int units, string architecture)
    {
        var plan = Plan(cell, units, out var parameters);
        var text = new CudaEmitter(plan, name => parameters[name].Offset, parameters.Count).Emit();
        var log = Nvrtc.Log(text, architecture);
        var kernels = Report().Matches(log).ToDictionary(m => m.Groups["name"].Value, m => (
            Registers: int.Parse(m.Groups["registers"].Value, CultureInfo.InvariantCulture),
            Spilled: int.Parse(m.Groups["stores"].Value, CultureInfo.InvariantCulture)));
        foreach (var kernel in plan.Kernels.Where(k => k.Cluster == 1 || architecture != "sm_80"))
        {
            Assert.True(kernels.TryGetValue(kernel.Name, out var found), $"{kernel.Name} is not in\n{log}");
            var (registers, spilled) = found;
            var isLoop = kernel.Resident is not null;
            Assert.True(
                spilled <= (isLoop ? 0 : 16) && registers <= (isLoop ? 255 : 128),
                $"{kernel.Name} of {cell} {units} has {registers} registers, and spills {spilled} bytes.");
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

    private static DevicePlan Plan(string cell, int units, out ParameterTable parameters)
    {
        ModelSpec? spec = null;
        var compilation = Generation.Compilation(
            $"[RnnCodegen.RnnModel(InputSize = 8)] public partial class Model {{ [RnnCodegen.{cell}({units})] " +
            $"public partial RnnCodegen.{cell}Layer Cell {{ get; }} " +
            "[RnnCodegen.Dense(4)] public partial RnnCodegen.DenseLayer Head { get; } }");
        var generator = new RnnModelGenerator((model, _) =>
        {
            spec = model;
            return EmittedModel.Empty;
        });
        CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options)
            .RunGenerators(compilation);
        parameters = new ParameterTable(spec!);
        return new DevicePlan(ModelLowering.Lower(ModelGraphBuilder.Build(spec!)), DeviceMachine.Default);
    }

    // ptxas: "Compiling entry function 'run_1' ...", "0 bytes stack frame, 0 bytes spill stores, ...", "Used 40 registers, ...".
    [GeneratedRegex(
        @"entry function '(?<name>\w+)'.*?(?<stores>\d+) bytes spill stores.*?Used (?<registers>\d+) registers", RegexOptions.Singleline)]
    private static partial Regex Report();
}
