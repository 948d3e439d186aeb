namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Which lengths a case's samples have.</summary>
public enum LengthKind
{
    /// <summary>None given: all samples are T long.</summary>
    None,

    /// <summary>A half, T, 0, 1, T - 1, and again.</summary>
    Mixed,

    /// <summary>T for each sample, said explicitly.</summary>
    Full,

    /// <summary>0 for each sample.</summary>
    Zero,
}

/// <summary>A model and the shape of an input for it: what generated code and interpreted programs are held to the reference on.</summary>
/// <param name="Model">The annotated class.</param>
/// <param name="Steps">T.</param>
/// <param name="Batch">B.</param>
/// <param name="Lengths">The samples' lengths.</param>
/// <param name="HasState">Whether a state is given to start from, and asked for.</param>
public sealed record CaseShape(Type Model, int Steps, int Batch, LengthKind Lengths, bool HasState)
{
    public string Name =>
        $"{Model.Name} T={Steps} B={Batch}{(Lengths == LengthKind.None ? "" : $" {Lengths}")}{(HasState ? " state" : "")}";

    /// <summary>Rows of the memory of models that attend to one: shorter and longer ones than the input.</summary>
    public int MemorySteps => 1 + (Steps * 3 % 7);

    public static CaseShape Of<TModel>(int steps, int batch, LengthKind lengths = LengthKind.None, bool state = false)
        where TModel : class => new(typeof(TModel), steps, batch, lengths, state);

    /// <summary>Valid steps of each sample; null where none are given.</summary>
    public int[]? SampleLengths() => LengthsOf(Lengths, Steps);

    /// <summary>Valid rows of each sample's memory; null where no lengths are given.</summary>
    public int[]? MemoryLengths() => Lengths == LengthKind.None ? null : LengthsOf(LengthKind.Mixed, MemorySteps);

    private int[]? LengthsOf(LengthKind kind, int steps) => kind switch
    {
        LengthKind.None => null,
        LengthKind.Full => [.. Enumerable.Repeat(steps, Batch)],
        LengthKind.Zero => new int[Batch],
        _ => [.. Enumerable.Range(0, Batch).Select(b => (b % 5) switch
        {
            0 => (steps + 1) / 2,
            1 => steps,
            2 => 0,
            3 => 1,
            _ => Math.Max(1, steps - 1),
        })],
    };
}

/// <summary>A table of cases.</summary>
public interface IEngineCases
{
    static abstract IReadOnlyList<CaseShape> Cases { get; }
}
