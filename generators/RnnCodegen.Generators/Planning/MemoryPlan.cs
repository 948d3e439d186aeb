using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>Size of a matrix in floats: so many a row [T B] of an axis, a sample [B], a row of a time chunk, and once.</summary>
internal readonly record struct Extent(int PerRow = 0, int PerSample = 0, int PerChunkRow = 0, int Once = 0)
{
    /// <summary>The axis of the rows; null for the input's.</summary>
    public TimeAxis? Axis { get; init; }
}

/// <summary>One matrix: a pointer in the generated Memory struct.</summary>
internal sealed record MemoryField(string Name, Region Region, Extent Extent, string Description);

/// <summary>All matrices of a model, in the order they are laid out.</summary>
internal sealed class MemoryPlan
{
    private readonly ModelPlan _plan;
    private readonly List<MemoryField> _fields = [];
    private readonly Dictionary<string, int> _stepPlaces = [];

    public MemoryPlan(ModelPlan plan)
    {
        _plan = plan;
        Add(Region.Run, plan.Program.Buffers.Concat(plan.Recurrent.SelectMany(n => plan.RowOf(n).Buffers)));
        Add(Region.Tape, plan.Program.Buffers);

        // First in training's temporary memory, one after the other, where the runtime sums them up.
        foreach (var product in plan.Training.Products)
        {
            MatrixGradientsLength += AddGradient(product.WeightGradient, product.Outer.M * product.Outer.OutputStride,
                $"gradient of {product.Weight.Name}, as packed");
        }

        foreach (var product in plan.Training.Products.Where(p => p.Biases.Count > 0))
        {
            VectorGradientsLength += AddGradient(product.BiasGradient, Machine.Padded(product.Columns),
                $"gradient of the bias of {product.Weight.Name}, as packed");
        }

        var vectors = plan.Program.Buffers.ToLookup(b => b.Role == BufferRole.VectorGradient);
        Add(Region.Training, vectors[true]);
        VectorGradientsLength += vectors[true].Sum(b => ExtentOf(b).Once);
        if (VectorGradientsLength > 0)
        {
            AddGradient(KernelNames.VectorLows, VectorGradientsLength, "low parts of the vectors' gradients");
        }

        Add(Region.Training, vectors[false]);
        var widest = plan.Recurrent.Select(n => n.Cell.Gates.Count * Blocks.Of(n.Cell.Units, plan.Target).Padded).DefaultIfEmpty(256).Max();
        ChunkRows = Math.Min(512, Math.Max(OuterPlan.RowsPerPass, plan.Target.SecondCache / 2 / sizeof(float) / widest));
        foreach (var field in _fields.Where(f => f.Region == Region.Run))
        {
            _stepPlaces.Add(field.Name, StepLength);
            StepLength += (field.Extent.PerRow * (plan.Graph.StepRows / (field.Extent.Axis ?? TimeAxis.Input).Scale))
                + field.Extent.PerSample + field.Extent.PerChunkRow + field.Extent.Once;
        }
    }

    public IReadOnlyList<MemoryField> Fields => _fields;

    /// <summary>Floats of the weights' gradients: of matrices, then of vectors.</summary>
    public int PackedGradientsLength => MatrixGradientsLength + VectorGradientsLength;

    /// <summary>Floats of the gradients of what is multiplied with rows.</summary>
    public int MatrixGradientsLength { get; }

    /// <summary>
    /// Floats of all other gradients, and from one of these to its low part, which it has always: some are sums of single rows.
    /// </summary>
    public int VectorGradientsLength { get; }

    /// <summary>Rows [T B] whose matrix gradients are sums of few enough partial sums, of 128 rows or so, to need no low parts.</summary>
    public int RowsWithoutLow => 32 * 1024 / _plan.Program.Buffers.Max(b => b.Times);

    /// <summary>Floats of a streaming step's one row of each temporary matrix of inference.</summary>
    public int StepLength { get; }

    /// <summary>
    /// Rows whose input products are computed at a time; their gates take half of the second-level cache, and still stand there when the
    /// time loop reads them. No less than a pass of weight gradients, as a chunk is a pass over all of these.
    /// </summary>
    public int ChunkRows { get; }

    private const int FloatsOfDouble = 2;

    /// <summary>Where a streaming step has its one row of a temporary matrix of inference.</summary>
    public int StepPlaceOf(Lowering.Buffer buffer) => _stepPlaces[_plan.Names.Of(buffer)];

    private int AddGradient(string name, int floats, string description)
    {
        _fields.Add(new(name, Region.Training, new(Once: floats), description));
        return floats;
    }

    /// <summary>A region's buffers, by role; those that layers share as one, as large as the largest needs.</summary>
    private void Add(Region region, IEnumerable<Lowering.Buffer> buffers)
    {
        foreach (var group in buffers.Where(b => b.Region == region).OrderBy(RankOf).GroupBy(b => _plan.Names.Of(b)))
        {
            var largest = group.OrderByDescending(b => _plan.Stride(b)).First();
            _fields.Add(new(group.Key, region, ExtentOf(largest), BufferProse.Describe(largest, _plan)));
        }
    }

    private static BufferRole RankOf(Lowering.Buffer buffer) => buffer.Role == BufferRole.Statistics ? BufferRole.Kept : buffer.Role;

    private Extent ExtentOf(Lowering.Buffer buffer)
    {
        var floats = buffer.Role switch
        {
            BufferRole.AttentionSums => Machine.Padded(FloatsOfDouble * buffer.Shape.Size),
            _ => _plan.Stride(buffer) * buffer.Times,
        };
        return buffer.Rows switch
        {
            RowsPer.Once => new(Once: floats),
            RowsPer.Sample => new(PerSample: floats),
            RowsPer.Step => new(PerRow: floats) { Axis = buffer.Axis },
            RowsPer.StepAndEnd => new(PerRow: floats, PerSample: floats) { Axis = buffer.Axis },

            // Of the axis with the most steps, as layers on all of them share it.
            _ => new(PerChunkRow: floats),
        };
    }
}
