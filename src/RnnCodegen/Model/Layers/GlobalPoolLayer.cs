using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a pooling of whole sequences.</summary>
public sealed class GlobalPoolLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public GlobalPoolLayer(string name, Pooling pooling) => (Name, Pooling) = (name, pooling);

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Mean or maximum.</summary>
    public Pooling Pooling { get; }
}
