using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a layer that applies a function to each element.</summary>
public sealed class ActivationLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public ActivationLayer(string name, Activation activation) => (Name, Activation) = (name, activation);

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>The function.</summary>
    public Activation Activation { get; }
}
