using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of an affine layer: a factor and a term for each feature.</summary>
public sealed class AffineLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public AffineLayer(ParameterSet parameters, string name)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Name = name;
        Scale = parameters[$"{name}.weight"];
        Shift = parameters[$"{name}.bias"];
    }

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>The scale, [W].</summary>
    public Parameter Scale { get; }

    /// <summary>The shift, [W].</summary>
    public Parameter Shift { get; }
}
