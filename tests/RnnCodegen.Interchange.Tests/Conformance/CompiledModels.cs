using RnnCodegen.Kernels;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Generated code of many descriptions, compiled at once; descriptions that say the same layers share a class.</summary>
internal sealed class CompiledModels
{
    private const string Namespace = "Conformance";

    private readonly Dictionary<string, Type> _types;

    private CompiledModels(Dictionary<string, Type> types) => _types = types;

    public int Count => _types.Count;

    /// <summary>Compiles them.</summary>
    public static CompiledModels Compile(IEnumerable<ModelDescription> models)
    {
        var names = new Dictionary<string, string>();
        foreach (var text in models.Select(Text))
        {
            names.TryAdd(text, $"Model{names.Count}");
        }

        var assembly = StandIn.Compile(names.Select(entry => entry.Key.Replace("class Model", $"class {entry.Value}", StringComparison.Ordinal)));
        return new(names.ToDictionary(entry => entry.Key, entry => assembly.GetType($"{Namespace}.{entry.Value}", throwOnError: true)!));
    }

    /// <summary>A model with its weights.</summary>
    public Engine Engine(ModelDescription model, SimdWidth width)
    {
        var type = _types[Text(model)];
        var create = typeof(CompiledModels).GetMethod(nameof(Core), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.MakeGenericMethod(type);
        return new Engine(type, (ModelCore)create.Invoke(null, [model, width])!);
    }

    private static ModelCore Core<TModel>(ModelDescription model, SimdWidth width)
        where TModel : class, IRnnModel<TModel>
    {
        var core = new ModelCore(TModel.Definition, TModel.CreateKernels(width));
        var missing = core.Parameters.Tensors.Select(t => t.ToString()).Except(model.Weights.Values.Select(w => $"{w.Name} [{string.Join(", ", w.Shape)}]")).ToArray();
        if (missing.Length > 0 || model.Weights.Count != core.Parameters.Tensors.Count)
        {
            throw new InvalidDataException($"The description has {string.Join(", ", model.Weights.Keys)}; it lacks {string.Join(", ", missing)}.");
        }

        foreach (var tensor in core.Parameters.Tensors)
        {
            model.Weights[tensor.Name].Values.CopyTo(tensor.Edit());
        }

        return core;
    }

    private static string Text(ModelDescription model) => StandIn.Write(model, Namespace, "Model");
}
