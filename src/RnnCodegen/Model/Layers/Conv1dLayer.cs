using System.ComponentModel;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>A model's view of a convolution over time.</summary>
public sealed class Conv1dLayer
{
    private readonly Parameter? _bias;

    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Conv1dLayer(ParameterSet parameters, string name, int filters, TimeWindow window)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (Name, Filters, Window) = (name, filters, window);
        Weight = parameters[$"{name}.weight"];
        _ = parameters.TryGet($"{name}.bias", out _bias);
    }

    /// <summary>The property's name.</summary>
    public string Name { get; }

    /// <summary>Output features F.</summary>
    public int Filters { get; }

    /// <summary>Which input steps each output sees.</summary>
    public TimeWindow Window { get; }

    /// <summary>Weights [F, I, K], as PyTorch has them.</summary>
    public Parameter Weight { get; }

    /// <summary>Biases [F].</summary>
    /// <exception cref="InvalidOperationException">The layer has no biases.</exception>
    public Parameter Bias => _bias ?? throw new InvalidOperationException($"Layer '{Name}' has no biases; set Bias = true on it.");
}
