using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a concatenation: rows side by side.</summary>
public sealed class ConcatLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public ConcatLayer(string name, params string[] sources) => (Name, Sources) = (name, Array.AsReadOnly(sources));

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Names of the layers read, in order; <see cref="RnnModelAttribute.Input"/> for the model's input.</summary>
    public IReadOnlyList<string> Sources { get; }
}
