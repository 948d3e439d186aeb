using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>The private fields that the generator adds to a model's class, beside whatever its author has there.</summary>
internal sealed class ClassNames(ModelSpec model)
{
    /// <summary>Starts all of them.</summary>
    public const string Prefix = "_rnn";

    private readonly NameTable _names = new(model.OwnNames.Append(model.Name));

    /// <summary>The field that holds parameters and kernels.</summary>
    public string Core => _names.Of(model, "Core", $"{Prefix}Core");

    /// <summary>The field behind a layer's property.</summary>
    public string Layer(LayerSpec layer)
    {
        // First of all, so that it has the same name whatever is asked for.
        _ = Core;
        return _names.Of(layer, "Layer", Prefix + layer.Name);
    }
}
