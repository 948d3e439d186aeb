using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Emission.Cuda;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Cuda;

/// <summary>A model's plan for GPUs as they are, and its device code.</summary>
internal static class PlannedModel
{
    /// <summary>The plan of the model that a source annotates.</summary>
    public static DevicePlan Of(string source, out ParameterTable parameters, CudaPrecisionKind precision = CudaPrecisionKind.Float32)
    {
        ModelSpec? spec = null;
        var compilation = Generation.Compilation(source);
        var generator = new RnnModelGenerator((model, _) =>
        {
            spec = model;
            return EmittedModel.Empty;
        });
        CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options)
            .RunGenerators(compilation);
        parameters = new ParameterTable(spec!);
        return new DevicePlan(ModelLowering.Lower(ModelGraphBuilder.Build(spec!)), DeviceMachine.Default, precision);
    }

    /// <summary>The device code of a plan.</summary>
    public static string Text(DevicePlan plan, ParameterTable parameters) =>
        new CudaEmitter(plan, name => parameters[name].Offset, parameters.Count).Emit();
}
