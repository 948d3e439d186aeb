namespace RnnCodegen.Interchange;

/// <summary>A weight of a Keras layer, as the file has it.</summary>
/// <param name="Name">Its path in the file, for messages.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">Its values, row after row.</param>
internal sealed record KerasArray(string Name, int[] Shape, float[] Values)
{
    /// <summary>The shape as messages say it, e.g. [13, 60].</summary>
    public string ShapeText => Text(Shape);

    public static string Text(IEnumerable<int> shape) => $"[{string.Join(", ", shape)}]";
}
