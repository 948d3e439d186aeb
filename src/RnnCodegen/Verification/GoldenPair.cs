using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// An input and the output that a model has to give for it, recorded where the model is known to be right: a safetensors file with
/// <c>input</c> [T, B, I] or <c>tokens</c> I32 or I64 [T, B]; <c>output</c> [T, B, F], or [B, F] where it is one row per sequence; for a
/// model that attends to a memory, <c>memory</c> [S, B, M]; and optionally <c>lengths</c> and <c>memory_lengths</c> I32 or I64 [B],
/// <c>initial.SLOT</c> and <c>final.SLOT</c> [B, size] for states such as <c>Encoder.h_l0</c>. A value passes that differs by no more than
/// <c>tolerance</c> + <c>relative_tolerance</c> |golden value|, which stand in its metadata.
/// </summary>
public sealed class GoldenPair
{
    /// <summary>The tolerance, and the relative one, of a pair that states neither.</summary>
    public const double DefaultTolerance = 1e-5;

    internal const string InputName = "input";
    internal const string TokensName = "tokens";
    internal const string OutputName = "output";
    internal const string LengthsName = "lengths";
    internal const string MemoryName = "memory";
    internal const string MemoryLengthsName = "memory_lengths";
    internal const string InitialPrefix = "initial.";
    internal const string FinalPrefix = "final.";
    internal const string ToleranceKey = "tolerance";
    internal const string RelativeToleranceKey = "relative_tolerance";

    internal GoldenPair(string name, int steps, int batch, SafeTensor output) =>
        (Name, Steps, Batch, Output) = (name, steps, batch, output);

    /// <summary>Time steps T of the input.</summary>
    public int Steps { get; }

    /// <summary>Samples B.</summary>
    public int Batch { get; }

    /// <summary>The absolute difference that always passes.</summary>
    public double Tolerance { get; internal init; } = DefaultTolerance;

    /// <summary>What passes beyond it, as a part of the golden value; 0 where only the other is stated.</summary>
    public double RelativeTolerance { get; internal init; }

    /// <summary>What errors call the pair: its file.</summary>
    internal string Name { get; }

    /// <summary>Input rows; null where the input is tokens.</summary>
    internal SafeTensor? Input { get; init; }

    /// <summary>Token ids [T, B]; null where the input is rows.</summary>
    internal int[]? Tokens { get; init; }

    /// <summary>Valid steps of each sample; empty where all are.</summary>
    internal int[] Lengths { get; init; } = [];

    /// <summary>What a model has to give.</summary>
    internal SafeTensor Output { get; }

    /// <summary>Rows [S, B, M] that the model attends to; null where there are none.</summary>
    internal SafeTensor? Memory { get; init; }

    /// <summary>Valid rows of each sample's memory; empty where all are.</summary>
    internal int[] MemoryLengths { get; init; } = [];

    /// <summary>States before the first step, by slot; zeros, or what is learned, where none is given.</summary>
    internal IReadOnlyDictionary<string, SafeTensor> Initial { get; init; } = new Dictionary<string, SafeTensor>();

    /// <summary>States after the last valid step, by slot; not compared where none is given.</summary>
    internal IReadOnlyDictionary<string, SafeTensor> Final { get; init; } = new Dictionary<string, SafeTensor>();

    /// <summary>Reads a golden pair.</summary>
    /// <param name="path">The safetensors file.</param>
    /// <exception cref="InvalidDataException">
    /// It is not valid, lacks a tensor, or has an unknown one or one of a wrong type, shape or value; the message names file and tensor.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static GoldenPair Load(string path) => Parse(path, SafeTensorsFile.Read(path));

    /// <summary>The golden pair that a safetensors file in memory is.</summary>
    /// <param name="name">Its name in errors.</param>
    /// <param name="file">The file.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Load"/>.</exception>
    public static GoldenPair Parse(string name, SafeTensorsFile file)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(file);
        return new GoldenParser(name, file).Parse();
    }

    /// <summary>Makes a pair of what a model of features computes now.</summary>
    /// <param name="model">The model.</param>
    /// <param name="x">Input rows [T, B, I].</param>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="lengths">Valid steps of each sample [B]; all where empty.</param>
    /// <param name="initialState">State before the first step; zeros where null.</param>
    /// <param name="tolerance">The largest absolute difference that will pass.</param>
    public static GoldenPair Record<TModel>(
        TModel model, ReadOnlySpan<float> x, int steps, int batch = 1, ReadOnlySpan<int> lengths = default, ModelState? initialState = null,
        double tolerance = DefaultTolerance)
        where TModel : class, IRnnModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        return GoldenRecorder.Record(model.Core, x, [], steps, batch, lengths, initialState, tolerance);
    }

    /// <summary>Makes a pair of what a model of tokens computes now.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">Token ids [T, B].</param>
    /// <param name="steps">Time steps T.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="lengths">Valid steps of each sample [B]; all where empty.</param>
    /// <param name="initialState">State before the first step; zeros where null.</param>
    /// <param name="tolerance">The largest absolute difference that will pass.</param>
    public static GoldenPair Record<TModel>(
        TModel model, ReadOnlySpan<int> tokens, int steps, int batch = 1, ReadOnlySpan<int> lengths = default,
        ModelState? initialState = null, double tolerance = DefaultTolerance)
        where TModel : class, IRnnModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        return GoldenRecorder.Record(model.Core, [], tokens, steps, batch, lengths, initialState, tolerance);
    }

    /// <summary>
    /// Runs a model on the input and compares what it gives: Run on the whole batch, and Step on each sample where the model streams.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="tolerance">The absolute difference that always passes; the pair's own where null.</param>
    /// <param name="relativeTolerance">What passes beyond it, as a part of the golden value; where null, nothing if
    /// <paramref name="tolerance"/> is given, and else the pair's own.</param>
    /// <exception cref="InvalidDataException">The pair is of another model; the message names the tensor.</exception>
    public SelfTestReport Compare<TModel>(TModel model, double? tolerance = null, double? relativeTolerance = null)
        where TModel : class, IRnnModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        return Compare(model.Core, tolerance, relativeTolerance);
    }

    /// <summary>
    /// Runs a model on the input and compares what it gives: Run on the whole batch, and Step on each sample where the model streams.
    /// </summary>
    /// <param name="core">The model.</param>
    /// <param name="tolerance">The absolute difference that always passes; the pair's own where null.</param>
    /// <param name="relativeTolerance">What passes beyond it, as a part of the golden value; where null, nothing if
    /// <paramref name="tolerance"/> is given, and else the pair's own.</param>
    /// <exception cref="InvalidDataException">The pair is of another model; the message names the tensor.</exception>
    public SelfTestReport Compare(ModelCore core, double? tolerance = null, double? relativeTolerance = null)
    {
        ArgumentNullException.ThrowIfNull(core);
        var relative = relativeTolerance ?? (tolerance is null ? RelativeTolerance : 0);
        RequireTolerance(tolerance ?? Tolerance);
        RequireTolerance(relative, nameof(relativeTolerance));
        return new GoldenComparison(this, core).Compare(new GoldenTolerance(tolerance ?? Tolerance, relative));
    }

    /// <summary>Writes the pair; an existing file is replaced whole or not at all.</summary>
    /// <param name="path">The safetensors file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        List<SafeTensor> tensors = [Input ?? Integers(TokensName, [Steps, Batch], Tokens!), Output];
        foreach (var (name, lengths) in new[] { (LengthsName, Lengths), (MemoryLengthsName, MemoryLengths) })
        {
            if (lengths.Length > 0)
            {
                tensors.Add(Integers(name, [Batch], lengths));
            }
        }

        if (Memory is not null)
        {
            tensors.Add(Memory);
        }

        tensors.AddRange(Initial.Values);
        tensors.AddRange(Final.Values);
        SafeTensorsFile.Write(
            path, tensors,
            new Dictionary<string, string>
            {
                [ToleranceKey] = Tolerance.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
                [RelativeToleranceKey] = RelativeTolerance.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
            });
    }

    internal static void RequireTolerance(double tolerance, string name = "tolerance")
    {
        if (!(tolerance >= 0 && double.IsFinite(tolerance)))
        {
            throw new ArgumentOutOfRangeException(name, tolerance, "A tolerance is 0 or more, and finite.");
        }
    }

    private static SafeTensor Integers(string name, int[] shape, int[] values) =>
        SafeTensor.Of<int>(name, shape, values);
}
