using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a layer that turns each sample's valid steps around.</summary>
public sealed class ReverseTimeLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public ReverseTimeLayer(string name) => Name = name;

    /// <summary>The property's name.</summary>
    public string Name { get; }
}
