using RnnCodegen.Runtime;
using RnnCodegen.Tool.Compilation;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Generated classes of many descriptions, compiled at once; descriptions that say the same layers share a class.</summary>
internal sealed class ModelClasses
{
    private readonly Dictionary<string, CompiledModel> _classes;

    private ModelClasses(Dictionary<string, CompiledModel> classes) => _classes = classes;

    public static ModelClasses Compile(IEnumerable<ModelDescription> models)
    {
        // The generator works on one thread a compilation, so that two compilations are done sooner than one.
        var distinct = models.DistinctBy(Text).Select((model, k) => (Model: model, Name: $"Conformance.Model{k}")).ToArray();
        var parts = distinct.Chunk(Math.Max(1, (distinct.Length + 1) / 2)).AsParallel().AsOrdered();
        var classes = parts.SelectMany(part => ModelCompiler.Compile(part)).ToArray();
        return new(distinct.Zip(classes).ToDictionary(pair => Text(pair.First.Model), pair => pair.Second));
    }

    /// <summary>A model with its weights at one width.</summary>
    public Engine Engine(ModelDescription model, SimdWidth width)
    {
        var compiled = _classes[Text(model)];
        return new Engine(compiled.Type, compiled.Create(width, model.Weights));
    }

    private static string Text(ModelDescription model) => ClassWriter.Write(model, "Conformance.Model");
}
