using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a fully connected layer.</summary>
public sealed class DenseLayer
{
    private readonly Parameter? _bias;

    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public DenseLayer(ParameterSet parameters, string name, int units)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (Name, Units) = (name, units);
        Weight = parameters[$"{name}.weight"];
        _ = parameters.TryGet($"{name}.bias", out _bias);
    }

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Output features N.</summary>
    public int Units { get; }

    /// <summary>Weights [N, K].</summary>
    public Parameter Weight { get; }

    /// <summary>Biases [N].</summary>
    /// <exception cref="InvalidOperationException">The layer has no biases.</exception>
    public Parameter Bias => _bias ?? throw new InvalidOperationException($"Layer '{Name}' has no biases; set Bias = true on it.");
}
