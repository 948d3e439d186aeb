namespace RnnCodegen;

/// <summary>Joins the rows of several layers, one after the other.</summary>
/// <param name="sources">Names of earlier layers, or <see cref="RnnModelAttribute.Input"/>; two or more.</param>
public sealed class ConcatAttribute(params string[] sources) : LayerAttribute
{
    /// <summary>Names of the joined layers.</summary>
    public IReadOnlyList<string> Sources { get; } = sources;
}
