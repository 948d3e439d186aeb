using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the members of a model that has an error, without anything behind them.</summary>
internal sealed class BrokenModelEmitter(SourceWriter writer, BrokenModelSpec model)
{
    public void Write()
    {
        // These are there for the compiler alone, so nobody reads what they would have to say.
        writer.Line("#pragma warning disable");
        var self = EmissionText.FullName(model.Namespace, model.Types);
        var type = model.Types[model.Types.Count - 1];
        var api = new ModelApi(type.Name, self, model.TakesTokens, CanStream: true)
        {
            HasCuda = model.HasCuda,
            RefersToCuda = model.RefersToCuda,
        };
        using (writer.Block(
            $"partial {type.Keyword} {EmissionText.TypeIdentifier(type.Name)}{type.TypeParameters}" +
            $"{(model.HasApi ? $" : {api.Interfaces}" : "")}"))
        {
            foreach (var property in model.Properties)
            {
                var name = property.Parameters.Length > 0 ? $"this[{property.Parameters}]" : EmissionText.Identifier(property.Name);
                writer.Line(
                    $"{property.Modifiers} {property.Type} {name} {{ " +
                    $"{string.Concat(property.Accessors.Select(a => $"{a} => {ApiEmitter.Throw}; "))}}}");
            }

            if (model.HasConstructor)
            {
                writer.Line(
                    $"public {EmissionText.TypeIdentifier(type.Name)}(int seed = 0, global::RnnCodegen.Initialization initialization = " +
                    $"global::RnnCodegen.Initialization.PyTorch) => {ApiEmitter.Throw};");
            }

            if (model.HasApi)
            {
                WriteApi(api, self);
            }
        }
    }

    private void WriteApi(ModelApi api, string self)
    {
        // Not zero, by which a constant must not be divided.
        foreach (var (kind, constant) in new[] { ("int", model.TakesTokens ? "Vocabulary" : "InputSize"), ("int", "OutputSize"), ("int",
            "ParameterCount"), ("long", "FlopsPerStep") })
        {
            if (!model.Skipped.Contains(constant))
            {
                writer.Line($"public const {kind} {constant} = 1;");
            }
        }

        new ApiEmitter(writer, api).Write([.. model.Skipped]);
        foreach (var (member, declaration) in new[]
        {
            (ReservedNames.OfWeights, $"static {self} {ReservedNames.OfWeights}()"),
            (ReservedNames.OfGolden, $"global::RnnCodegen.SelfTestReport {ReservedNames.OfGolden}()")
        })
        {
            if (!model.Skipped.Contains(member))
            {
                writer.Line($"public {declaration} => {ApiEmitter.Throw};");
            }
        }

        const string Kernels = "global::RnnCodegen.Runtime.ModelKernels";
        var explicitly = $"global::RnnCodegen.IRnnModel<{self}>.";
        foreach (var member in new[]
        {
            $"static global::RnnCodegen.ModelDefinition {explicitly}Definition", $"static {Kernels} {explicitly}CreateKernels()",
            $"static {Kernels} {explicitly}CreateKernels(global::RnnCodegen.Runtime.SimdWidth width)",
            $"static {self} {explicitly}Create(global::RnnCodegen.Runtime.ModelCore core)",
            $"global::RnnCodegen.Runtime.ModelCore {explicitly}Core",
        })
        {
            writer.Line($"{member} => {ApiEmitter.Throw};");
        }
    }
}
