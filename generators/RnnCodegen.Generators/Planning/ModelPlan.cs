using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>Everything decided about one model for one vector width: numbers, no text.</summary>
internal sealed class ModelPlan
{
    private ModelPlan(ModelGraph graph, SimdTarget target)
    {
        Graph = graph;
        Target = target;
        Parameters = new ParameterTable(graph.Spec);
        Names = new KernelNames(graph, RuntimeTypes.Names);

        var zeros = WidestProduct(graph, target);
        ZeroOffset = Packed.Take(zeros);
        PackedBackward.Take(zeros);
        var planner = new NodePlanner(Parameters, Names, target, Packed, PackedBackward, ZeroOffset);
        Nodes = [.. graph.Nodes.Select(planner.Plan)];
        (InferenceNodes, PackedInference) = (Nodes, Packed);
        if (graph.HasReducedWeights)
        {
            PackedInference = new Packing();
            PackedInference.Take(zeros);
            InferenceNodes = [.. graph.Nodes.Select(new NodePlanner(Parameters, Names, target, PackedInference, new Packing(), ZeroOffset, isInference: true).Plan)];
        }

        Memory = new MemoryPlan(this);
    }

    public ModelGraph Graph { get; }

    public SimdTarget Target { get; }

    public ParameterTable Parameters { get; }

    /// <summary>What everything in the body is called.</summary>
    public KernelNames Names { get; }

    /// <summary>The nodes as training computes them: with float32 weights.</summary>
    public IReadOnlyList<NodePlan> Nodes { get; }

    /// <summary>The nodes as inference computes them: the same but for products with reduced weights, and for places in the packed weights.</summary>
    public IReadOnlyList<NodePlan> InferenceNodes { get; }

    /// <summary>What Forward reads. Its first floats are zeros, for sums that start from nothing.</summary>
    public Packing Packed { get; } = new();

    /// <summary>What inference reads: the same, unless a layer has reduced weights. Starts with zeros too.</summary>
    public Packing PackedInference { get; }

    /// <summary>What Backward reads; starts with zeros too.</summary>
    public Packing PackedBackward { get; } = new();

    public int ZeroOffset { get; }

    public MemoryPlan Memory { get; }

    public IEnumerable<RecurrentPlan> Recurrent => Nodes.OfType<RecurrentPlan>();

    public IEnumerable<LayerProduct> Products => Nodes.SelectMany(ProductsOf);

    /// <summary>Products of inference with reduced weights, which training does not have.</summary>
    public IEnumerable<LayerProduct> ReducedProducts => InferenceNodes.SelectMany(ProductsOf).Where(p => p.Forward.Format != WeightFormatKind.Float32);

    public static ModelPlan Create(ModelGraph graph, SimdTarget target) => new(graph, target);

    /// <summary>Floats from one sample's state vector to the next's.</summary>
    public static int StateStride(StateVector state) => SimdTarget.Stride(state.Size);

    /// <summary>Where a state vector starts, in floats a sample.</summary>
    public int StateOffset(StateVector state) => Graph.States.Take(state.Index).Sum(StateStride);

    /// <summary>Where a layer's keys of a memory start, in floats a row of the memory; -1 where the rows themselves are the keys.</summary>
    public int KeyStart(AttentionNode attention) => attention.KeyWeight is null ? -1 : Graph.Nodes.OfType<AttentionNode>()
        .TakeWhile(n => n != attention).Where(n => n.KeyWeight is not null).Sum(n => SimdTarget.Stride(n.KeyWidth));

    private static IEnumerable<LayerProduct> ProductsOf(NodePlan node) => node switch
    {
        RecurrentPlan r => r.Products.Select(p => p.Product).Prepend(r.Input),
        DensePlan d => [d.Product],
        _ => [],
    };

    private static int WidestProduct(ModelGraph graph, SimdTarget target)
    {
        var widths = graph.Values.Select(v => v.Width)
            .Concat(graph.Nodes.OfType<RecurrentNode>().SelectMany(n => new[] { n.Cell.Gates.Count * Blocks.Of(n.Cell.Units, target).Padded, n.Input.Width }));
        return SimdTarget.Stride(widths.Max());
    }
}
