namespace RnnCodegen;

/// <summary>Adds the rows of several layers of one width.</summary>
/// <param name="sources">Names of earlier layers, or <see cref="RnnModelAttribute.Input"/>; two or more.</param>
public sealed class AddAttribute(params string[] sources) : LayerAttribute
{
    /// <summary>Names of the added layers.</summary>
    public IReadOnlyList<string> Sources { get; } = sources;
}
