namespace RnnCodegen.Generators.Specs;

/// <summary>Which input steps each output step of a layer over time sees; mirrors the runtime's <c>TimeWindow</c>.</summary>
internal sealed record WindowSpec(int Size, int Stride, int Dilation, int PadLeft, int PadRight)
{
    /// <summary>Input steps from a window's first to its last.</summary>
    public int Extent => ((Size - 1) * Dilation) + 1;

    /// <summary>Whether there are as many windows as input steps, however many these are.</summary>
    public bool KeepsSteps => Stride == 1 && PadLeft + PadRight == Extent - 1;

    /// <summary>
    /// Whether each window ends within the block of <see cref="Stride"/> input steps that it belongs to, so that it can be seen as soon as
    /// these are there.
    /// </summary>
    public bool Streams => PadRight == 0 && PadLeft <= Extent - 1 && PadLeft >= Extent - Stride;
}

/// <summary>The steps of a sequence: those of the model's input, or those that windows over them leave, one over the other.</summary>
internal sealed record TimeAxis(EquatableArray<WindowSpec> Windows)
{
    public static readonly TimeAxis Input = new(default(EquatableArray<WindowSpec>));

    /// <summary>Input steps that one step stands for.</summary>
    public int Scale => Windows.Aggregate(1, (scale, w) => scale * w.Stride);

    /// <summary>Input steps that it takes to have one step.</summary>
    public int LeastInput => Windows.Reverse().Aggregate(1,
        (steps, w) => Math.Max(1, ((steps - 1) * w.Stride) + w.Extent - w.PadLeft - w.PadRight));

    /// <summary>The axis of the steps that windows over this one's leave.</summary>
    public TimeAxis After(WindowSpec window) => window.KeepsSteps ? this : new(Windows.Append(window).ToEquatableArray());

    /// <summary>The axis whose steps the last windows see.</summary>
    public TimeAxis Source => new(Windows.Take(Windows.Count - 1).ToEquatableArray());

    /// <summary>Its windows; a record's own text would have the source in it, and that one its source, without end.</summary>
    public override string ToString() => Windows.Count == 0 ? "input" : string.Join(" of ", Windows.Reverse());
}
