using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of an elementwise product of rows of equal width.</summary>
public sealed class MultiplyLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public MultiplyLayer(string name, params string[] sources) => (Name, Sources) = (name, Array.AsReadOnly(sources));

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Names of the layers read, in order; <see cref="RnnModelAttribute.Input"/> for the model's input.</summary>
    public IReadOnlyList<string> Sources { get; }
}
