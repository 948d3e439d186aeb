namespace RnnCodegen;

/// <summary>A model's view of one of its recurrent layers: sizes and named weights. G is the number of gates, H the units.</summary>
public abstract class RecurrentLayer
{
    private readonly ParameterSet _parameters;

    private protected RecurrentLayer(ParameterSet parameters, string name, int units, int layers, bool bidirectional)
    {
        (_parameters, Name, Units, Layers, Bidirectional) = (parameters, name, units, layers, bidirectional);
    }

    /// <summary>The property's name: the layer's address in parameter and state names.</summary>
    public string Name { get; }

    /// <summary>Hidden units H of each layer and direction.</summary>
    public int Units { get; }

    /// <summary>How many layers are stacked.</summary>
    public int Layers { get; }

    /// <summary>Whether there is a reverse direction too.</summary>
    public bool Bidirectional { get; }

    /// <summary>Input weights [G H, I] of the first layer, forward.</summary>
    public Parameter WeightInput => At(0, false).WeightInput;

    /// <summary>Hidden weights [G H, H] of the first layer, forward ([G H, P] with a projection).</summary>
    public Parameter WeightHidden => At(0, false).WeightHidden;

    /// <summary>Input biases [G H] of the first layer, forward.</summary>
    /// <exception cref="InvalidOperationException">The layer has no biases.</exception>
    public Parameter BiasInput => At(0, false).BiasInput;

    /// <summary>Hidden biases [G H] of the first layer, forward.</summary>
    /// <exception cref="InvalidOperationException">The layer has no biases.</exception>
    public Parameter BiasHidden => At(0, false).BiasHidden;

    /// <summary>The learned hidden state [H] before the first step of the first layer, forward ([P] with a projection).</summary>
    /// <exception cref="InvalidOperationException">The layer starts from zeros.</exception>
    public Parameter InitialHidden => At(0, false).InitialHidden;

    private protected RecurrentWeights At(int layer, bool reverse)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, Layers);
        if (reverse && !Bidirectional)
        {
            throw new ArgumentException($"Layer '{Name}' has no reverse direction; set Bidirectional = true on it.", nameof(reverse));
        }

        return new RecurrentWeights(_parameters, Name, reverse ? $"_l{layer}_reverse" : $"_l{layer}");
    }
}

/// <summary>The weights of one stacked layer and direction. G is the number of gates, H the units.</summary>
public readonly struct RecurrentWeights
{
    private readonly ParameterSet _parameters;
    private readonly string _layer;
    private readonly string _suffix;

    internal RecurrentWeights(ParameterSet parameters, string layer, string suffix) =>
        (_parameters, _layer, _suffix) = (parameters, layer, suffix);

    /// <summary>Input weights [G H, I].</summary>
    public Parameter WeightInput => Find("weight_ih", "input weights");

    /// <summary>Hidden weights [G H, H] ([G H, P] with a projection).</summary>
    public Parameter WeightHidden => Find("weight_hh", "hidden weights");

    /// <summary>Input biases [G H].</summary>
    /// <exception cref="InvalidOperationException">The layer has no biases.</exception>
    public Parameter BiasInput => Find("bias_ih", "biases; set Bias = true on it");

    /// <summary>Hidden biases [G H].</summary>
    /// <exception cref="InvalidOperationException">The layer has no biases.</exception>
    public Parameter BiasHidden => Find("bias_hh", "biases; set Bias = true on it");

    /// <summary>The learned hidden state [H] before the first step ([P] with a projection).</summary>
    /// <exception cref="InvalidOperationException">The layer starts from zeros.</exception>
    public Parameter InitialHidden => Find("h0", NoInitialState);

    /// <summary>Factors [G H] of the normalised input product.</summary>
    /// <exception cref="InvalidOperationException">The layer does not normalise.</exception>
    public Parameter NormInput => Find("norm_ih", NoNormalization);

    /// <summary>Factors [G H] of the normalised hidden product.</summary>
    /// <exception cref="InvalidOperationException">The layer does not normalise.</exception>
    public Parameter NormHidden => Find("norm_hh", NoNormalization);

    internal const string NoNormalization = "normalisation; set Normalization on it";

    internal const string NoInitialState = "learned initial state; set LearnedInitialState = true on it";

    internal Parameter Find(string kind, string what)
    {
        var name = $"{_layer}.{kind}{_suffix}";
        return _parameters.TryGet(name, out var tensor)
            ? tensor
            : throw new InvalidOperationException($"There is no tensor '{name}': layer '{_layer}' has no {what}.");
    }
}
