namespace RnnCodegen;

/// <summary>
/// Changes parameters along their gradients. An instance holds the state of one model's training: it belongs to the first parameters it
/// is used with. Steps allocate nothing after the first.
/// </summary>
public abstract class Optimizer
{
    private ParameterSet? _parameters;

    private protected Optimizer(double learningRate) => LearningRate = learningRate;

    /// <summary>Size of the steps; may be changed between them, e.g. by a schedule.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double LearningRate
    {
        get;
        set => field = RequireNotNegative(value, nameof(LearningRate));
    }

    /// <summary>Steps done so far.</summary>
    public int StepCount { get; private set; }

    /// <summary>One step of the parameters.</summary>
    /// <param name="parameters">The parameters to change; the same at each step.</param>
    /// <param name="gradients">Their gradients; not changed.</param>
    /// <exception cref="ArgumentException">
    /// The gradients are another model's, or the optimizer was used with other parameters before.
    /// </exception>
    public void Step(ParameterSet parameters, ParameterSet gradients)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(gradients);
        parameters.RequireSameLayout(gradients, nameof(gradients));
        if (_parameters is null)
        {
            Allocate(parameters.Count);
            _parameters = parameters;
        }
        else if (!ReferenceEquals(_parameters, parameters))
        {
            throw new ArgumentException(
                "This optimizer holds the state of other parameters; create one for each model.", nameof(parameters));
        }

        StepCount++;
        Update(parameters.Edit(), gradients.Values);
    }

    /// <summary>Makes room for the state.</summary>
    private protected abstract void Allocate(int count);

    /// <summary>One step; all spans have the same length.</summary>
    private protected abstract void Update(Span<float> parameters, ReadOnlySpan<float> gradients);

    private protected static double RequireNotNegative(double value, string name) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Must be a finite number that is not negative.");

    private protected static double RequireFraction(double value, string name) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Must be at least 0 and less than 1.");
}
