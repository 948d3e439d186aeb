using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Planning;

/// <summary>Everything decided about one model's program for one machine: numbers, no text.</summary>
internal sealed class ModelPlan
{
    private readonly Dictionary<RecurrentNode, RowPlan> _rows;
    private readonly Dictionary<PointwiseKernel, StagePlan> _stages;
    private readonly Dictionary<RecurrentNode, PairPlan> _pairs = [];

    private ModelPlan(ModelProgram program, ParameterTable parameters, Machine target)
    {
        Program = program;
        Target = target;
        Parameters = parameters;
        Names = new KernelNames(program, RuntimeTypes.Names);
        Training = new PackedWeights(program, parameters, Names, target, isInference: false);
        Inference = Graph.HasReducedWeights ? new PackedWeights(program, parameters, Names, target, isInference: true) : Training;
        var stages = new StagePlanner(Names, target);
        ForwardKernels = KernelsOf(program.Run.Steps.Concat(program.Run.Last), program.Forward.Steps.Concat(program.Forward.Last));
        BackwardKernels = KernelsOf(program.Backward);
        _stages = ForwardKernels.Concat(BackwardKernels).ToDictionary(k => k, stages.Plan);
        _rows = Graph.Nodes.OfType<RecurrentNode>().ToDictionary(n => n, n => new RowPlan(n, program, Inference, stages, Names, target));
        foreach (var layer in program.Forward.Steps.OfType<Layer>())
        {
            if (PairPlan.Create(layer.Loop!, Training, Names, target) is { } pair)
            {
                _pairs.Add(layer.Node, pair);
            }
        }

        Memory = new MemoryPlan(this);
        Step = program.Step is { } step
            ? WithResultAtCaller([.. step.SelectMany(i => i is Layer l ? RowOf(l.Node).OfStep(l.Instructions) : [i])])
            : null;
    }

    public ModelProgram Program { get; }

    public ModelGraph Graph => Program.Graph;

    public Machine Target { get; }

    public ParameterTable Parameters { get; }

    /// <summary>What everything in the body is called.</summary>
    public KernelNames Names { get; }

    /// <summary>The weights of training, which are float32.</summary>
    public PackedWeights Training { get; }

    /// <summary>The weights of inference: the same, unless a layer has reduced ones.</summary>
    public PackedWeights Inference { get; }

    /// <summary>The kernels of inference and of Forward, layer by layer.</summary>
    public IReadOnlyList<PointwiseKernel> ForwardKernels { get; }

    /// <summary>Those of Backward.</summary>
    public IReadOnlyList<PointwiseKernel> BackwardKernels { get; }

    public MemoryPlan Memory { get; }

    /// <summary>A streaming step, the row of each recurrent layer as this machine computes it; null where the model can't stream.</summary>
    public IReadOnlyList<Instruction>? Step { get; }

    /// <summary>The recurrent layers, in order.</summary>
    public IEnumerable<RecurrentNode> Recurrent => Graph.Nodes.OfType<RecurrentNode>();

    /// <summary>Products of inference with reduced weights, which training does not have.</summary>
    public IEnumerable<LayerProduct> ReducedProducts => Inference.Products.Where(p => p.Forward.Format != WeightFormatKind.Float32);

    public static ModelPlan Create(ModelGraph graph, Machine target) => Create(ModelLowering.Lower(graph),
        new ParameterTable(graph.Spec), target);

    public static ModelPlan Create(ModelProgram program, ParameterTable parameters, Machine target) => new(program, parameters, target);

    /// <summary>A kernel, laid out.</summary>
    public StagePlan StageOf(PointwiseKernel kernel) => _stages[kernel];

    /// <summary>A single row of a recurrent layer.</summary>
    public RowPlan RowOf(RecurrentNode node) => _rows[node];

    /// <summary>The steps of a larger batch of a recurrent layer; null where they are computed as those of a small one are.</summary>
    public PairPlan? PairOf(RecurrentNode node) => _pairs.TryGetValue(node, out var pair) ? pair : null;

    /// <summary>Floats from one row of a buffer to the next.</summary>
    public int Stride(Lowering.Buffer buffer) =>
        buffer.Region == Region.Caller || buffer.Role == BufferRole.Statistics ? buffer.Shape.Size : Target.Stride(buffer.Shape);

    /// <summary>Where a state vector starts, in floats a sample.</summary>
    public int StateOffset(StateVector state) => Graph.States.Take(state.Index).Sum(s => Machine.Stride(s.Size));

    /// <summary>Where a layer's keys of a memory start, in floats a row of the memory; -1 where the rows themselves are the keys.</summary>
    public int KeyStart(AttentionNode attention) => attention.KeyWeight is null ? -1 : Graph.Nodes.OfType<AttentionNode>()
        .TakeWhile(n => n != attention).Where(n => n.KeyWeight is not null).Sum(n => Machine.Stride(n.KeyWidth));

    /// <summary>A layer's place among the attention layers, in their order in the model.</summary>
    public int PlaceOf(AttentionNode attention) => Graph.Nodes.OfType<AttentionNode>().TakeWhile(n => n != attention).Count();

    /// <summary>
    /// A step whose last layer stores its output in the caller's row rather than have it copied there, where that row takes whole vectors,
    /// the layer does not work in place, and nothing is stored before the caller's input, which may be the same memory, is read.
    /// </summary>
    private IReadOnlyList<Instruction> WithResultAtCaller(IReadOnlyList<Instruction> step)
    {
        var end = step.Count - 1;
        if (end < 1 || step[end] is not Copy copy || Blocks.Of(copy.Width, Target).Padded != copy.Width)
        {
            return step;
        }

        Instruction? last = step[end - 1] switch
        {
            FusedRow f when f.Plan.HasSumsInMemory || f.Plan.Calls.Sum(c => c.Repeats) == 1 =>
                Moved(f.Plan.Kernel, f.Places) is { } places ? f with { Places = places } : null,
            Stage s => Moved(s.Kernel, s.Places) is { } places ? s with { Places = places } : null,
            _ => null,
        };
        return last is null ? step : [.. step.Take(end - 1), last];

        IReadOnlyList<Place>? Moved(PointwiseKernel kernel, IReadOnlyList<Place> places)
        {
            var isOutput = kernel.Operands.Zip(places, (o, p) => o.Role == OperandRole.Output && p == copy.From).ToArray();
            var reads = kernel.Loads.Values.SelectMany(s => s).Concat(kernel.Stores.Where(s => s.Accumulates).Select(s => s.Target));
            return isOutput.Contains(true) && reads.All(r => r.Operand.Role != OperandRole.Output)
                && places.All(p => p.Buffer.Region != Region.Caller)
                ? [.. places.Zip(isOutput, (p, moves) => moves ? copy.To : p)]
                : null;
        }
    }

    /// <summary>The kernels of passes, layer by layer, the stages of a layer in order and of each stage the passes'.</summary>
    private IReadOnlyList<PointwiseKernel> KernelsOf(params IEnumerable<Instruction>[] passes)
    {
        var byNode = passes.Select(p => ModelProgram.KernelsOf(p).ToLookup(k => k.Node)).ToArray();
        return [.. Graph.InferenceNodes.SelectMany(n =>
        {
            var kernels = byNode.Select(k => k[n].ToArray()).ToArray();

            // A cell may have a stage in training that it has not in inference.
            return Enumerable.Range(0, kernels.Max(k => k.Length)).SelectMany(i => kernels.Where(k => i < k.Length).Select(k => k[i]))
                .Distinct();
        })];
    }
}
