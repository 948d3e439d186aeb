using RnnCodegen.Generators.Planning;
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
        var names = new NameTable([]);
        foreach (var layer in model.Layers)
        {
            var source = layer.Sources.Count > 0 ? layer.Sources[0] : ModelSpec.Input;
            foreach (var parameter in layer.Parameters(source == ModelSpec.Input ? model.InputSize : shapes[source].Width))
            {
                var placed = parameter with
                {
                    Name = $"{layer.Name}.{parameter.Name}",
                    Offset = Count,
                    OffsetName = names.Of(layer, parameter.Name, OffsetName(layer.Name, parameter.Name)),
                };
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

    /// <summary>A constant's name: <c>EncoderWeightIhL0</c> of the tensor <c>Encoder.weight_ih_l0</c>.</summary>
    private static string OffsetName(string layer, string tensor) =>
        string.Concat(tensor.Split('_', '.').Prepend(layer).Where(w => w.Length > 0)
            .Select(w => char.ToUpperInvariant(w[0]) + w.Substring(1)));
}
