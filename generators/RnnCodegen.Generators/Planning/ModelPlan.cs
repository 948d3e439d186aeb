using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Planning;

/// <summary>Everything decided about one model for one vector width: numbers, no text.</summary>
internal sealed class ModelPlan
{
    private ModelPlan(ModelGraph graph, SimdTarget target)
    {
        Graph = graph;
        Target = target;
        Parameters = new ParameterTable(graph.Spec);

        var zeros = WidestProduct(graph, target);
        ZeroOffset = Packed.Take(zeros);
        PackedBackward.Take(zeros);
        var planner = new NodePlanner(Parameters, target, Packed, PackedBackward, ZeroOffset);
        Nodes = [.. graph.Nodes.Select(planner.Plan)];
        Memory = new MemoryPlan(this);
    }

    public ModelGraph Graph { get; }

    public SimdTarget Target { get; }

    public ParameterTable Parameters { get; }

    public IReadOnlyList<NodePlan> Nodes { get; }

    /// <summary>What inference and Forward read. Its first floats are zeros, for sums that start from nothing.</summary>
    public Packing Packed { get; } = new();

    /// <summary>What Backward reads; starts with zeros too.</summary>
    public Packing PackedBackward { get; } = new();

    public int ZeroOffset { get; }

    public MemoryPlan Memory { get; }

    public IEnumerable<RecurrentPlan> Recurrent => Nodes.OfType<RecurrentPlan>();

    public IEnumerable<LayerProduct> Products =>
        Nodes.SelectMany(n => n switch
        {
            RecurrentPlan r => r.Products.Select(p => p.Product).Prepend(r.Input),
            DensePlan d => [d.Product],
            _ => Enumerable.Empty<LayerProduct>(),
        });

    public static ModelPlan Create(ModelGraph graph, SimdTarget target) => new(graph, target);

    /// <summary>Floats from one sample's state vector to the next's.</summary>
    public static int StateStride(StateVector state) => SimdTarget.Stride(state.Size);

    /// <summary>Where a state vector starts, in floats a sample.</summary>
    public int StateOffset(StateVector state) => Graph.States.Take(state.Index).Sum(StateStride);

    private static int WidestProduct(ModelGraph graph, SimdTarget target)
    {
        var widths = graph.Values.Select(v => v.Width)
            .Concat(graph.Nodes.OfType<RecurrentNode>().SelectMany(n => new[] { n.Cell.Gates.Count * Blocks.Of(n.Cell.Units, target).Padded, n.Input.Width }));
        return SimdTarget.Stride(widths.Max());
    }
}
