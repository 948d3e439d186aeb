using RnnCodegen.Kernels;
using RnnCodegen.Tool.Compilation;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Generated classes of many descriptions, compiled at once; descriptions that say the same layers share a class.</summary>
internal sealed class ModelClasses
{
    private readonly Dictionary<string, CompiledModel> _classes;

    private ModelClasses(Dictionary<string, CompiledModel> classes) => _classes = classes;

    public static ModelClasses Compile(IEnumerable<ModelDescription> models)
    {
        var distinct = models.DistinctBy(Text).ToArray();
        var classes = ModelCompiler.Compile([.. distinct.Select((model, k) => (model, $"Conformance.Model{k}"))]);
        return new(distinct.Zip(classes).ToDictionary(pair => Text(pair.First), pair => pair.Second));
    }

    /// <summary>A model with its weights at one width.</summary>
    public Engine Engine(ModelDescription model, SimdWidth width)
    {
        var compiled = _classes[Text(model)];
        return new Engine(compiled.Type, compiled.Create(width, model.Weights));
    }

    private static string Text(ModelDescription model) => ClassWriter.Write(model, "Conformance.Model");
}
