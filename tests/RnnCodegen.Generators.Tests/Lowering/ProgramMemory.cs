using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;
using Buffer = RnnCodegen.Generators.Lowering.Buffer;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>What a pass runs on: the steps of each axis, and where they start in the sequence.</summary>
/// <param name="Graph">The model.</param>
/// <param name="First">The first step of the input's axis.</param>
/// <param name="Count">Its steps.</param>
/// <param name="Batch">Samples.</param>
/// <param name="Lengths">Valid steps of each sample, counted from the sequence's start; null when all are.</param>
/// <param name="IsStep">Whether it is a streaming step.</param>
internal sealed record PassShape(ModelGraph Graph, int First, int Count, int Batch, int[]? Lengths, bool IsStep)
{
    /// <summary>Steps that a time loop takes at a time: few, so that chunks meet.</summary>
    public const int ChunkSteps = 3;

    public int FirstOf(TimeAxis axis) => StepsOf(axis, First);

    public int StepsOf(TimeAxis axis) => IsStep ? Count / axis.Scale : StepsOf(axis, First + Count) - StepsOf(axis, First);

    /// <summary>Valid steps of each sample on an axis.</summary>
    public int[]? LengthsOf(TimeAxis axis) => Lengths is null ? null : Array.ConvertAll(Lengths, n => StepsOf(axis, n));

    private static int StepsOf(TimeAxis axis, int inputSteps) => axis.Windows.Aggregate(
        inputSteps, (steps, w) => steps < 1 ? 0 : Math.Max(0, steps + w.PadLeft + w.PadRight - w.Extent + w.Stride) / w.Stride);
}

/// <summary>The matrices of a program as doubles: a row has its vectors one after the other and nothing behind them.</summary>
/// <param name="parameters">Every tensor, by name.</param>
internal sealed class ProgramMemory(IReadOnlyDictionary<string, double[]> parameters)
{
    private readonly Dictionary<Buffer, double[]> _values = [];

    public double[] this[Buffer buffer] => _values[buffer];

    public IReadOnlyDictionary<string, double[]> Parameters => parameters;

    /// <summary>Puts the values of a buffer that a program finds there, or leaves there.</summary>
    public double[] Set(Buffer buffer, double[] values) => _values[buffer] = values;

    public void Forget(Region region)
    {
        foreach (var buffer in _values.Keys.Where(b => b.Region == region).ToList())
        {
            _values.Remove(buffer);
        }
    }

    public double[] Of(Buffer buffer, PassShape pass)
    {
        if (!_values.TryGetValue(buffer, out var values))
        {
            // What a program reads before it wrote it is NaN, but for sums over rows, which start from zero.
            values = buffer.Role == BufferRole.Tensor
                ? parameters[(string)buffer.Owner]
                : new double[buffer.Times * Rows(buffer, pass) * Width(buffer)];
            if (buffer.Role is not (BufferRole.Tensor or BufferRole.VectorGradient))
            {
                Array.Fill(values, double.NaN);
            }

            _values.Add(buffer, values);
        }

        return values;
    }

    public static int Width(Buffer buffer) => buffer.Shape.Size * buffer.Shape.Parts;

    private static int Rows(Buffer buffer, PassShape pass) => buffer.Rows switch
    {
        RowsPer.Once => 1,
        RowsPer.Sample => pass.Batch,
        RowsPer.ChunkStep => (pass.IsStep ? 1 : PassShape.ChunkSteps) * pass.Batch,
        RowsPer.StepAndEnd => (pass.StepsOf(buffer.Axis!) + 1) * pass.Batch,
        _ => pass.StepsOf(buffer.Axis!) * pass.Batch,
    };
}

/// <summary>Some rows of a matrix.</summary>
internal readonly struct RowsView(double[] values, int first, int width)
{
    public ref double this[int row, int column] => ref values[first + (row * width) + column];

    public Span<double> Row(int row, int columns) => values.AsSpan(first + (row * width), columns);
}
