using System.ComponentModel;

namespace RnnCodegen;

/// <summary>A model's view of a convolution inside each row.</summary>
public sealed class RowConv1dLayer
{
    private readonly Parameter? _bias;

    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public RowConv1dLayer(ParameterSet parameters, string name, int filters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (Name, Filters) = (name, filters);
        Weight = parameters[$"{name}.weight"];
        _ = parameters.TryGet($"{name}.bias", out _bias);
    }

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Output channels F.</summary>
    public int Filters { get; }

    /// <summary>Weights [F, C, K], as PyTorch has them.</summary>
    public Parameter Weight { get; }

    /// <summary>Biases [F].</summary>
    /// <exception cref="InvalidOperationException">The layer has no biases.</exception>
    public Parameter Bias => _bias ?? throw new InvalidOperationException($"Layer '{Name}' has no biases; set Bias = true on it.");
}
