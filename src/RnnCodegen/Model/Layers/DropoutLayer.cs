using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a dropout layer.</summary>
public sealed class DropoutLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public DropoutLayer(string name, float probability) => (Name, Probability) = (name, probability);

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Probability of zeroing an element while training.</summary>
    public float Probability { get; }
}
