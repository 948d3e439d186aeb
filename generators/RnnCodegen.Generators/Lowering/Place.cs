using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Lowering;

/// <summary>A step that rows are counted from; each has a row for every sample.</summary>
internal enum StepOrigin
{
    /// <summary>The first.</summary>
    Start,

    /// <summary>The step of a time loop.</summary>
    Step,

    /// <summary>The step of a time loop, counted from the start of its chunk.</summary>
    StepOfChunk,

    /// <summary>The first step of a time loop's chunk.</summary>
    Chunk,

    /// <summary>After the last.</summary>
    End,
}

/// <summary>A step, so many after another.</summary>
internal readonly record struct Step(StepOrigin Origin, int After = 0)
{
    public static readonly Step Start = new(StepOrigin.Start);
}

/// <summary>Where rows stand: from a step on, from a column on.</summary>
internal readonly record struct Place(Buffer Buffer, Step Step = default, int Column = 0);

/// <summary>How many rows an instruction runs over.</summary>
internal enum RowsKind
{
    /// <summary>A row a step of an axis and sample.</summary>
    Steps,

    /// <summary>A row a sample.</summary>
    Samples,

    /// <summary>A row a step of a time loop's chunk and sample.</summary>
    Chunk,

    /// <summary>So many rows, steps of a single sample.</summary>
    Stream,
}

/// <summary>The rows that an instruction runs over.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Axis">The axis of <see cref="RowsKind.Steps"/>.</param>
/// <param name="Count">The number of <see cref="RowsKind.Stream"/>.</param>
/// <param name="Times">Rows that there are for each of the kind's; of a stream they are counted.</param>
internal readonly record struct Rows(RowsKind Kind, TimeAxis? Axis = null, int Count = 0, int Times = 1)
{
    public static readonly Rows Samples = new(RowsKind.Samples);

    public static readonly Rows Chunk = new(RowsKind.Chunk);

    /// <summary>All rows of a value.</summary>
    public static Rows Of(Value value) => value.Axis is { } axis ? new(RowsKind.Steps, axis) : Samples;

    /// <summary>Rows of one sample, in a streaming step.</summary>
    public static Rows Stream(int count) => new(RowsKind.Stream, Count: count);

    /// <summary>So many rows for each of these.</summary>
    public Rows Each(int times) => Kind == RowsKind.Stream ? this with { Count = Count * times } : this with { Times = times };
}
