using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>
/// What a value between layers looks like: its row width, and the steps it has a row for; null where there is one row a sequence.
/// </summary>
internal readonly record struct ValueShape(int Width, TimeAxis? Axis)
{
    public bool IsSequence => Axis is not null;
}

/// <summary>The shapes of a checked model.</summary>
internal static class ModelShapes
{
    /// <summary>The shapes of all layers' outputs, in order.</summary>
    public static ValueShape[] Of(ModelSpec model)
    {
        var shapes = new ValueShape[model.Layers.Count];
        for (var i = 0; i < shapes.Length; i++)
        {
            var layer = model.Layers[i];
            shapes[i] = layer.OutputOf(
                [.. layer.Sources.Select(s => s == ModelSpec.Input ? new ValueShape(model.InputSize, TimeAxis.Input) : shapes[s])]);
        }

        return shapes;
    }
}
