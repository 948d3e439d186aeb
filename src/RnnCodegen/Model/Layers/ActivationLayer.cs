using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a layer that applies a function to each element.</summary>
public sealed class ActivationLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public ActivationLayer(string name, Activation activation, float alpha) => (Name, Activation, Alpha) = (name, activation, alpha);

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>The function.</summary>
    public Activation Activation { get; }

    /// <summary>Its alpha; 0 for functions that have none.</summary>
    public float Alpha { get; }
}
