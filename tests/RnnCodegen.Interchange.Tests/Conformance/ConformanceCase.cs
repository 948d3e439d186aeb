namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>
/// One published case: models, what to do with them, and what must come out; or why it cannot be said in this project's spec.
/// </summary>
internal sealed class ConformanceCase
{
    private readonly Lazy<IReadOnlyList<ModelDescription>> _models;

    /// <summary>A case that is run.</summary>
    /// <param name="name">Its name within the group.</param>
    /// <param name="models">Makes the models.</param>
    /// <param name="check">Runs them, in that order, and gives the values beside the published ones.</param>
    public ConformanceCase(string name, Func<IReadOnlyList<ModelDescription>> models,
        Func<IReadOnlyList<Engine>, IEnumerable<Comparison>> check) =>
            (Name, _models, Check) = (name, new(models), check);

    /// <summary>A case of one model.</summary>
    public ConformanceCase(string name, Func<ModelDescription> model, Func<Engine, IEnumerable<Comparison>> check)
        : this(name, () => [model()], engines => check(engines[0]))
    {
    }

    private ConformanceCase(string name, string reason)
        : this(name, () => [], _ => []) => Reason = reason;

    public string Name { get; }

    public IReadOnlyList<ModelDescription> Models => _models.Value;

    public Func<IReadOnlyList<Engine>, IEnumerable<Comparison>> Check { get; }

    /// <summary>Why the case is not run; null where it is.</summary>
    public string? Reason { get; }

    /// <summary>A case that is not run.</summary>
    public static ConformanceCase NotSaid(string name, string reason) => new(name, reason);

    /// <summary>The same check of models read in another way.</summary>
    public ConformanceCase With(string name, Func<IReadOnlyList<ModelDescription>, IReadOnlyList<ModelDescription>> read) =>
        new(name, () => read(Models), Check);
}

/// <summary>Cases of one source: a row of the table.</summary>
/// <param name="Source">Folder below the data.</param>
/// <param name="Name">Which of its cases or models.</param>
/// <param name="Tolerance">Largest difference that passes, as <see cref="Comparison.Largest"/> takes it.</param>
/// <param name="Cases">The cases.</param>
internal sealed record ConformanceGroup(string Source, string Name, double Tolerance, IReadOnlyList<ConformanceCase> Cases)
{
    /// <summary>What the cases would show to be wrong.</summary>
    public required string Covers { get; init; }

    /// <summary>Where the table's reader should know more.</summary>
    public string Notes { get; init; } = "";
}
