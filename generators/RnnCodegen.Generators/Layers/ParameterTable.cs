using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>Names, shapes and offsets of all parameters, in PyTorch's names and order.</summary>
internal sealed class ParameterTable
{
    private readonly List<Parameter> _items = [];
    private readonly Dictionary<string, Parameter> _byName = [];

    public ParameterTable(ModelSpec model)
    {
        var shapes = ModelShapes.Of(model);
        foreach (var layer in model.Layers)
        {
            var source = layer.Sources.Count > 0 ? layer.Sources[0] : ModelSpec.Input;
            foreach (var parameter in layer.Parameters(source == ModelSpec.Input ? model.InputSize : shapes[source].Width))
            {
                var placed = parameter with { Name = $"{layer.Name}.{parameter.Name}", Offset = Count };
                _items.Add(placed);
                _byName.Add(placed.Name, placed);
                Count += placed.Length;
            }
        }
    }

    public IReadOnlyList<Parameter> Items => _items;

    /// <summary>Number of trained values.</summary>
    public int Count { get; }

    public Parameter this[string name] => _byName[name];
}
