namespace RnnCodegen;

/// <summary>Multiplies the rows of several layers of one width, element by element.</summary>
/// <param name="sources">Names of earlier layers, or <see cref="RnnModelAttribute.Input"/>; two or more.</param>
public sealed class MultiplyAttribute(params string[] sources) : LayerAttribute
{
    /// <summary>Names of the multiplied layers.</summary>
    public IReadOnlyList<string> Sources { get; } = sources;
}
