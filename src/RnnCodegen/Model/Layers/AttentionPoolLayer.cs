using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of an average over time that is weighted by attention.</summary>
public sealed class AttentionPoolLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public AttentionPoolLayer(ParameterSet parameters, string name)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Name = name;
        Weight = parameters[$"{name}.weight"];
    }

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>The score vector: its product with a step's row is the step's score, [N].</summary>
    public Parameter Weight { get; }
}
