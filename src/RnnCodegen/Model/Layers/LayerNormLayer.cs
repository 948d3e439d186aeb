using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a layer normalisation.</summary>
public sealed class LayerNormLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public LayerNormLayer(ParameterSet parameters, string name, float epsilon)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (Name, Epsilon) = (name, epsilon);
        Scale = parameters[$"{name}.weight"];
        Shift = parameters[$"{name}.bias"];
    }

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; }

    /// <summary>The scale, [N].</summary>
    public Parameter Scale { get; }

    /// <summary>The shift, [N].</summary>
    public Parameter Shift { get; }
}
