using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>Where a matrix lives.</summary>
internal enum MemoryRegion
{
    /// <summary>Temporary, in inference.</summary>
    Run,

    /// <summary>Kept from Forward to Backward.</summary>
    Tape,

    /// <summary>Temporary, in Forward and Backward.</summary>
    Training,
}

/// <summary>Size of a matrix in floats: so many a row [T B] of an axis, a sample [B], a row of a time chunk, and once.</summary>
internal readonly record struct Extent(int PerRow = 0, int PerSample = 0, int PerChunkRow = 0, int Once = 0)
{
    /// <summary>The axis of the rows; null for the input's.</summary>
    public TimeAxis? Axis { get; init; }

    /// <summary>So many floats for each row of a value.</summary>
    public static Extent Rows(Value value, int floats) => value.IsSequence ? new(PerRow: floats) { Axis = value.Axis } : new(PerSample: floats);
}

/// <summary>One matrix: a pointer in the generated Memory struct.</summary>
internal sealed record MemoryField(string Name, MemoryRegion Region, Extent Extent, string Description);

/// <summary>All matrices of a model, in the order they are laid out.</summary>
internal sealed class MemoryPlan
{
    private readonly KernelNames _names;
    private readonly List<MemoryField> _fields = [];
    private readonly Dictionary<string, int> _stepPlaces = [];

    public MemoryPlan(ModelPlan plan)
    {
        var graph = plan.Graph;
        _names = plan.Names;
        foreach (var value in graph.Values.Where(v => !IsAlias(graph, v)))
        {
            AddValue(value, MemoryRegion.Run);
        }

        foreach (var value in graph.Values)
        {
            AddValue(value, MemoryRegion.Tape);
        }

        foreach (var node in plan.Nodes)
        {
            AddTape(node);
        }

        // First in training's temporary memory, one after the other, where the runtime sums them up.
        AddParameterGradients(plan);
        if (VectorGradientsLength > 0)
        {
            Add(KernelNames.VectorLows, MemoryRegion.Training, new(Once: VectorGradientsLength), "low parts of the vectors' gradients");
        }

        AddScratch(plan);
        AddAttentionSums(graph);
        AddFactors(graph);
        foreach (var value in graph.Values)
        {
            var stride = SimdTarget.Stride(value.Width);
            Add(_names.Gradient(value), MemoryRegion.Training, Extent.Rows(value, stride), $"gradient of {value.Name}");
        }

        for (var k = 1; k < graph.Axes.Count; k++)
        {
            // A cache line a sample, so that what follows starts at one too.
            Add($"{KernelNames.Lengths}{k}", MemoryRegion.Run, new(PerSample: SimdTarget.Stride(1)), $"valid steps of axis {k}, [B] integers");
            Add($"{KernelNames.Lengths}{k}", MemoryRegion.Training, new(PerSample: SimdTarget.Stride(1)), $"valid steps of axis {k}, [B] integers");
        }

        var widest = plan.Recurrent.Select(r => r.Layout.GateStride).DefaultIfEmpty(256).Max();
        ChunkRows = Math.Min(512, Math.Max(16, ChunkFloats / widest));
        foreach (var field in _fields.Where(f => f.Region == MemoryRegion.Run))
        {
            _stepPlaces.Add(field.Name, StepLength);
            StepLength += (field.Extent.PerRow * (graph.StepRows / (field.Extent.Axis ?? TimeAxis.Input).Scale)) + field.Extent.PerSample + field.Extent.PerChunkRow + field.Extent.Once;
        }
    }

    public IReadOnlyList<MemoryField> Fields => _fields;

    /// <summary>Floats of the weights' gradients: of matrices, then of vectors.</summary>
    public int PackedGradientsLength => MatrixGradientsLength + VectorGradientsLength;

    /// <summary>Floats of the gradients of what is multiplied with rows.</summary>
    public int MatrixGradientsLength { get; private set; }

    /// <summary>Floats of all other gradients, and from one of these to its low part, which it has always: some are sums of single rows.</summary>
    public int VectorGradientsLength { get; private set; }

    /// <summary>Rows [T B] whose matrix gradients are sums of few enough partial sums, of 128 rows or so, to need no low parts.</summary>
    public const int RowsWithoutLow = 32 * 1024;

    /// <summary>Where a streaming step has its one row of each temporary matrix of inference.</summary>
    public IReadOnlyDictionary<string, int> StepPlaces => _stepPlaces;

    /// <summary>Floats of those rows.</summary>
    public int StepLength { get; }

    /// <summary>Rows whose input products are computed at a time; their gates then still stand in the second-level cache when the time loop reads them.</summary>
    public int ChunkRows { get; }

    // half of a 1 MB second-level cache
    private const int ChunkFloats = 128 * 1024;

    /// <summary>Dropout does nothing in inference: its output is its input.</summary>
    public static bool IsAlias(ModelGraph graph, Value value) => graph.Nodes.OfType<DropoutNode>().Any(d => d.Output == value);

    private void AddValue(Value value, MemoryRegion region)
    {
        var stride = SimdTarget.Stride(value.Width);
        Add(_names.Value(value), region, Extent.Rows(value, stride), $"{(value.IsSequence ? "[T, B" : "[B")}, {value.Width}]");
    }

    private void AddTape(NodePlan node)
    {
        switch (node)
        {
            case RecurrentPlan r:
                foreach (var state in r.Recurrent.Cell.States)
                {
                    var stride = SimdTarget.Stride(state.Size);
                    Add(r.Names.Field(state.Name.ToUpperInvariant()), MemoryRegion.Tape, new(PerRow: stride, PerSample: stride) { Axis = r.Recurrent.Input.Axis }, $"{state.Name} before each step, and after the last");
                }

                foreach (var (name, _) in r.Layout.Vectors.Where(v => v.IsOperand))
                {
                    Add(r.Names.Field(name.ToUpperInvariant()), MemoryRegion.Tape, new(PerRow: r.Layout.VectorStride) { Axis = r.Recurrent.Input.Axis }, $"{name} of each step");
                }

                Add(r.Names.Field("Saved"), MemoryRegion.Tape, new(PerRow: r.Layout.SavedStride) { Axis = r.Recurrent.Input.Axis }, "gate values for Backward");
                break;
            case RowsPlan { Node: DropoutNode d }:
                Add(_names.Field(d, "Mask"), MemoryRegion.Tape, Extent.Rows(d.Output, SimdTarget.Stride(d.Output.Width)), "0 or 1 / (1 - p)");
                break;
            case RowsPlan { Node: PooledNode p }:
                Add(_names.PooledState(p.Pool), MemoryRegion.Tape, new(PerSample: ModelPlan.StateStride(p.Pool.State)), "what the sequence's steps add up to");
                break;
            case RowsPlan { Node: AttentionNode a }:
                Add(_names.Statistics(a), MemoryRegion.Tape, Extent.Rows(a.Output, 2), "largest score and sum of shares of each row");
                break;
            case RowsPlan { Node: LayerNormNode n }:
                Add(_names.Statistics(n), MemoryRegion.Tape, Extent.Rows(n.Output, 2), "mean and 1 / deviation of each row");
                break;
        }
    }

    /// <summary>Temporary matrices are shared by all layers, each as large as the largest needs.</summary>
    private void AddScratch(ModelPlan plan)
    {
        var layouts = plan.Recurrent.Select(r => r.Layout).ToArray();
        if (layouts.Length == 0)
        {
            return;
        }

        var products = layouts
            .SelectMany(l => l.Products.Where(p => !l.AddsToGates(p)).Select(p => (p.Name, Stride: l.StepStride(p)))).GroupBy(p => p.Name).ToArray();
        foreach (var region in new[] { MemoryRegion.Run, MemoryRegion.Training })
        {
            Add("Gates", region, new(PerChunkRow: layouts.Max(l => l.GateStride)), "W x + b of a chunk of steps");
            foreach (var product in products)
            {
                Add($"Gates{product.Key}", region, new(PerSample: product.Max(p => p.Stride)), $"product {product.Key} of one step");
            }

            foreach (var vector in layouts.SelectMany(l => l.Vectors.Select(v => (v.Name, l.VectorStride))).GroupBy(v => v.Name))
            {
                Add($"Vector{vector.Key.ToUpperInvariant()}", region, new(PerSample: vector.Max(v => v.VectorStride)), $"{vector.Key} of one step");
            }
        }

        foreach (var replaced in plan.InferenceNodes.OfType<RecurrentPlan>().SelectMany(r => r.Fused.Select(f => (f.Replaced, r.Layout))).Where(r => r.Replaced is not null).GroupBy(r => r.Replaced!))
        {
            Add(KernelNames.Other(replaced.Key), MemoryRegion.Run, new(Once: replaced.Max(r => r.Layout.StateStride(r.Replaced!))), $"{replaced.Key} of a single row, while the next one is made");
        }

        Add("GateGradients", MemoryRegion.Training, new(PerChunkRow: layouts.Max(l => l.GateStride)), "gradient of W x + b of a chunk of steps");
        foreach (var product in products)
        {
            Add($"GateGradients{product.Key}", MemoryRegion.Training, new(PerChunkRow: product.Max(p => p.Stride)), $"gradient of product {product.Key} of a chunk of steps");
        }

        foreach (var vector in layouts.SelectMany(l => l.Vectors.Select(v => (v.Name, l.VectorStride))).GroupBy(v => v.Name))
        {
            Add($"VectorGradient{vector.Key.ToUpperInvariant()}", MemoryRegion.Training, new(PerSample: vector.Max(v => v.VectorStride)), $"gradient of {vector.Key} of one step");
        }
    }

    /// <summary>What a product's gradient is times all other factors, where they are several.</summary>
    private void AddFactors(ModelGraph graph)
    {
        foreach (var m in graph.Nodes.OfType<MultiplyNode>().Where(m => m.Inputs.Count > 2))
        {
            var stride = SimdTarget.Stride(m.Output.Width);
            Add(_names.Factors(m), MemoryRegion.Training, m.Output.IsSequence ? new(PerRow: stride) : new(PerSample: stride), $"gradient of {m.Name} times all factors but one");
        }
    }

    /// <summary>Doubles for the gradients of a query and of the weights of scores, or of the weights that make keys.</summary>
    private void AddAttentionSums(ModelGraph graph)
    {
        var most = graph.Nodes.OfType<AttentionNode>()
            .Select(a => Math.Max(2 * a.KeyWidth, a.KeyWeight is null ? 0 : a.KeyWidth * a.Spec.Memory)).DefaultIfEmpty(0).Max();
        if (most > 0)
        {
            const int FloatsOfDouble = 2;
            Add(KernelNames.AttentionSums, MemoryRegion.Training, new(Once: SimdTarget.Stride(FloatsOfDouble * most)), "sums of attention's gradients, in double precision");
        }
    }

    private void AddParameterGradients(ModelPlan plan)
    {
        foreach (var product in plan.Products)
        {
            MatrixGradientsLength += AddGradient(product.WeightGradient, product.Outer.M * product.Outer.OutputStride, $"gradient of {product.Weight.Name}, as packed");
        }

        foreach (var product in plan.Products.Where(p => p.Biases.Count > 0))
        {
            VectorGradientsLength += AddGradient(product.BiasGradient, SimdTarget.Stride(product.Columns), $"gradient of the bias of {product.Weight.Name}, as packed");
        }

        foreach (var r in plan.Recurrent)
        {
            foreach (var (gate, parameter, _) in r.Peepholes)
            {
                VectorGradientsLength += AddGradient(r.Names.Field($"Peephole{gate.ToUpperInvariant()}Gradient"), r.Layout.VectorStride, $"gradient of {parameter.Name}");
            }
        }

        foreach (var (node, vector) in plan.Graph.Nodes.SelectMany(n => n.Vectors.Select(v => (n, v))))
        {
            var name = $"{node.Name}.{vector}";
            VectorGradientsLength += AddGradient(_names.VectorGradient(node, vector), SimdTarget.Stride(plan.Parameters[name].Length), $"gradient of {name}");
        }
    }

    private int AddGradient(string name, int floats, string description)
    {
        Add(name, MemoryRegion.Training, new(Once: floats), description);
        return floats;
    }

    private void Add(string name, MemoryRegion region, Extent extent, string description) =>
        _fields.Add(new MemoryField(name, region, extent, description));
}
