using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.CodeAnalysis;
using RnnCodegen.Cuda;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Emission.CSharp;
using RnnCodegen.Generators.Emission.Cuda;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.Generators.Tests;
using RnnCodegen.Generators.Tests.Lowering;

namespace RnnCodegen.CudaPlans.Tests;

/// <summary>The device code of a model for a machine of a test's choice, written and compiled as a build does with that for GPUs.</summary>
/// <param name="Program">What the engine is given of it.</param>
/// <param name="LargestCluster">Blocks of its largest cluster.</param>
internal sealed record PlannedProgram(CudaProgram Program, int LargestCluster)
{
    private static readonly ConcurrentDictionary<(Type, DeviceMachine), PlannedProgram> s_programs = [];

    /// <summary>The code of a model of the numeric tests.</summary>
    /// <param name="model">The model.</param>
    /// <param name="machine">The machine.</param>
    public static PlannedProgram Of(Type model, DeviceMachine machine) =>
        s_programs.GetOrAdd((model, machine), key => Compile(key.Item1, key.Item2));

    private static PlannedProgram Compile(Type model, DeviceMachine machine)
    {
        var spec = AnnotatedSpecs.Of(model);
        var plan = new DevicePlan(ModelLowering.Lower(ModelGraphBuilder.Build(spec)), machine);
        var name = ModelNames.CodeClass(spec.HintName);
        var writer = new SourceWriter();
        using (writer.Block($"namespace {EmissionText.CodeNamespace}"))
        using (writer.Block($"internal static class {name}"))
        {
            new CudaProgramEmitter(writer, plan, new ParameterTable(spec)).Write();
        }

        using var stream = new MemoryStream();
        var result = Generation.Compilation(writer.Take())
            .AddReferences(MetadataReference.CreateFromFile(typeof(CudaProgram).Assembly.Location)).Emit(stream);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(3)));
        var code = Assembly.Load(stream.ToArray()).GetType($"{EmissionText.CodeNamespace}.{name}")!;
        return new((CudaProgram)code.GetProperty("Cuda")!.GetValue(null)!, plan.Kernels.Max(kernel => kernel.Cluster));
    }
}
