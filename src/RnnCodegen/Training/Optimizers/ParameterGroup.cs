namespace RnnCodegen;

/// <summary>
/// Parameters that an optimizer treats otherwise than the rest. Several groups may hold the same parameter as long as they do not set the
/// same thing.
/// </summary>
public sealed class ParameterGroup
{
    private readonly Func<ParameterInfo, bool>? _predicate;
    private readonly string[] _names;

    /// <summary>The parameters of the given names.</summary>
    /// <param name="names">
    /// Names of tensors, e.g. <c>Encoder.weight_ih_l0</c>, or of layers, e.g. <c>Encoder</c> for all tensors of it.
    /// </param>
    /// <exception cref="ArgumentException">There is no name.</exception>
    public ParameterGroup(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Length == 0)
        {
            throw new ArgumentException("A group needs the name of at least one tensor or layer.", nameof(names));
        }

        _names = [.. names];
        Description = string.Join(", ", names.Select(name => $"'{name}'"));
    }

    /// <summary>The parameters a rule chooses.</summary>
    /// <param name="description">A description for error messages, e.g. "recurrent weights".</param>
    /// <param name="predicate">Whether a tensor is one of them.</param>
    public ParameterGroup(string description, Func<ParameterInfo, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(predicate);
        (Description, _predicate, _names) = (description, predicate, []);
    }

    /// <summary>
    /// Biases, the scales and shifts of norms and affine layers, PReLU
    /// slopes and learned initial states, without weight decay, as is usual.
    /// </summary>
    public static ParameterGroup BiasesAndNormsWithoutDecay { get; } = new(
        "biases and norms", info => info.Role is ParameterRole.InputBias or ParameterRole.HiddenBias or ParameterRole.DenseBias
            or ParameterRole.NormScale or ParameterRole.NormShift or ParameterRole.AffineScale or ParameterRole.AffineShift
            or ParameterRole.PReluSlope
            or ParameterRole.InitialState)
    {
        WeightDecay = 0,
    };

    /// <summary>Factor on the optimizer's learning rate; null leaves it as it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double? LearningRateScale
    {
        get;
        init => field = RequireNotNegative(value, nameof(LearningRateScale));
    }

    /// <summary>Replaces the optimizer's weight decay; null leaves it as it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double? WeightDecay
    {
        get;
        init => field = RequireNotNegative(value, nameof(WeightDecay));
    }

    /// <summary>Whether the parameters stay as they are, to the bit, and their state with them.</summary>
    public bool Frozen { get; init; }

    /// <summary>The group's names or its description.</summary>
    internal string Description { get; }

    /// <summary>Whether a tensor is in the group.</summary>
    internal bool Holds(ParameterInfo info) => _predicate?.Invoke(info) ?? _names.Any(name => IsNamed(info, name));

    /// <summary>Refuses a group that sets nothing, or whose names or rule match nothing.</summary>
    internal void Check(ParameterSet parameters)
    {
        if (LearningRateScale is null && WeightDecay is null && !Frozen)
        {
            throw new ArgumentException(
                $"The group of {Description} sets nothing; give it a {nameof(LearningRateScale)} or a {nameof(WeightDecay)}, " +
                $"or make it {nameof(Frozen)}.",
                nameof(parameters));
        }

        if (_names.FirstOrDefault(name => !parameters.Tensors.Any(tensor => IsNamed(tensor.Info, name))) is { } missing)
        {
            var known = parameters.Tensors.Select(tensor => tensor.Name);
            throw new ArgumentException(
                $"No tensor or layer is named '{missing}'. {NearestNames.Describe(missing, known.Concat(known.Select(Layer)).Distinct())}",
                nameof(parameters));
        }

        if (!parameters.Tensors.Any(tensor => Holds(tensor.Info)))
        {
            throw new ArgumentException($"The rule of the group of {Description} matches no tensor.", nameof(parameters));
        }
    }

    private static bool IsNamed(ParameterInfo info, string name) =>
        info.Name == name ||
        (info.Name.Length > name.Length && info.Name[name.Length] == '.' && info.Name.StartsWith(name, StringComparison.Ordinal));

    private static string Layer(string tensor) => tensor.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? tensor[..dot] : tensor;

    private static double? RequireNotNegative(double? value, string name) => value is null or >= 0 && value != double.PositiveInfinity
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Must be a finite number that is not negative.");
}
