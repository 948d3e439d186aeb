using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a PReLU layer.</summary>
public sealed class PReluLayer
{
    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public PReluLayer(ParameterSet parameters, string name)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Name = name;
        Slope = parameters[$"{name}.weight"];
    }

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>The slopes for values that are not positive, [W].</summary>
    public Parameter Slope { get; }
}
