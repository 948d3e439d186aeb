namespace RnnCodegen.Interchange;

/// <summary>A layer's weights, taken one after the other in Keras' order, each with the shape that the layer's options ask for.</summary>
internal sealed class KerasLayerWeights(KerasLayer layer, IReadOnlyList<KerasArray> arrays)
{
    private int _next;

    /// <summary>How many weights there are.</summary>
    public int Count => arrays.Count;

    /// <summary>A weight that was not yet taken.</summary>
    public KerasArray this[int index] => _next + index < arrays.Count ? arrays[_next + index] : throw Missing($"weight {_next + index}");

    /// <summary>Takes the next weight; a size below 0 may be any.</summary>
    /// <exception cref="InvalidDataException">There is none left, or it has another shape.</exception>
    public KerasArray Take(string role, params int[] shape)
    {
        var array = _next < arrays.Count ? arrays[_next++] : throw Missing(role);
        return Finite(Check(array, role, shape), role);
    }

    /// <summary>Checks a weight's shape.</summary>
    public KerasArray Check(KerasArray array, string role, params int[] shape)
    {
        var fits = array.Shape.Length == shape.Length && array.Shape.Zip(shape).All(pair => pair.Second < 0 || pair.First == pair.Second);
        return fits
            ? array
            : throw layer.Bad(
                $"its {role} ({array.Name}) has the shape {array.ShapeText}, but the layer's options ask for {Wanted(shape)}.");
    }

    private KerasArray Finite(KerasArray array, string role) => Array.FindIndex(array.Values, v => !float.IsFinite(v)) is >= 0 and var bad
        ? throw layer.Bad(
            $"its {role} ({array.Name}) has the value {array.Values[bad]} at {bad}, which is no number that float32 can hold. Find out " +
            "where training or conversion went wrong.")
        : array;

    /// <summary>Checks that nothing is left.</summary>
    public void Finish()
    {
        if (_next < arrays.Count)
        {
            throw layer.Bad($"it has {arrays.Count} weights in the file, but {_next} are expected; {arrays[_next].Name} has no meaning.");
        }
    }

    private static string Wanted(int[] shape) => $"[{string.Join(", ", shape.Select(size => size < 0 ? "?" : size.ToString()))}]";

    private InvalidDataException Missing(string role) => layer.Bad($"its {role} is missing: the file has {arrays.Count} weights for it.");
}
