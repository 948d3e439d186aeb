using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>
/// A product of a single row and the stage after it in one kernel, in place of a <see cref="Multiply"/> and a <see cref="Stage"/>.
/// </summary>
/// <param name="Plan">The kernel.</param>
/// <param name="Start">The rows of W x + b; null where the kernel starts from biases and takes x.</param>
/// <param name="Input">The row of x that it takes; null for none.</param>
/// <param name="Operand">The vector that is multiplied.</param>
/// <param name="Sums">Where the sums go, between the product and the stage; null where they stay in registers.</param>
/// <param name="Places">Where the operands of the stage are.</param>
internal sealed record FusedRow(
    FusedPlan Plan, Place? Start, Place? Input, Place Operand, Place? Sums, IReadOnlyList<Place> Places) : Instruction;

/// <summary>Two products with reduced weights of a single row at once: out = start + x W^T + h U^T.</summary>
internal sealed record MultiplyPair(string Name, Weights X, Place XIn, Weights H, Place HIn, Place Out) : Instruction;

/// <summary>How a machine computes a single row of a recurrent layer, in inference.</summary>
internal sealed class RowPlan
{
    private readonly RecurrentNode _node;
    private readonly Dictionary<Weights, FusedPlan> _fused = [];
    private readonly Dictionary<string, Lowering.Buffer> _others = [];
    private readonly Dictionary<FusedPlan, Lowering.Buffer> _sums = [];

    public RowPlan(
        RecurrentNode node, ModelProgram program, PackedWeights packed, StagePlanner planner, KernelNames names, Machine target)
    {
        _node = node;
        var own = names.For(node);
        Weights[] weights = [.. program.Weights.Where(w => w.Node == node)];
        Input = packed[weights[0]];
        Hidden = [.. weights.Skip(1).Select(w => packed[w])];
        if (Input.Forward.Format == WeightFormatKind.Float32)
        {
            var fused = new FusedPlanner(own, node, planner, Input, packed.ZeroOffset, target);
            foreach (var (stage, w) in node.Cell.Stages.OfType<ProductStage>().Zip(weights.Skip(1), (s, w) => (s, w)))
            {
                if (fused.Plan(stage, packed[w]) is { } plan)
                {
                    _fused.Add(w, plan);
                }
            }
        }

        Fused = [.. weights.Where(_fused.ContainsKey).Select(w => _fused[w])];
        var adds = new CellShape(node.Cell, node.Gradient, 0);
        ReducedStep = Input.Forward.Format != WeightFormatKind.Float32 && node.Cell.Stages.OfType<ProductStage>().Any(adds.AddsToGates)
            ? own["StepRow"]
            : null;
        Others = [.. Fused.Where(f => f.Replaced is not null).Select(f => OtherOf(f.Replaced!))];
        foreach (var plan in Fused.Where(f => f.HasSumsInMemory))
        {
            _sums.Add(plan, new Lowering.Buffer(
                BufferRole.RowSums, node, plan.Part, Region.Run, new(plan.Product.Size, plan.Sums.Count), RowsPer.Once, null));
        }
    }

    /// <summary>W x.</summary>
    public LayerProduct Input { get; }

    /// <summary>The products inside the time loop.</summary>
    public IReadOnlyList<LayerProduct> Hidden { get; }

    /// <summary>Pairs of a product and the stage after it that are one kernel.</summary>
    public IReadOnlyList<FusedPlan> Fused { get; }

    /// <summary>
    /// The method that computes W x + U h + b of one row at once with reduced weights, where all gates are such sums; null elsewhere.
    /// </summary>
    public string? ReducedStep { get; }

    /// <summary>Second places of states that a kernel reads while it makes them anew.</summary>
    public IReadOnlyList<Lowering.Buffer> Others { get; }

    /// <summary>What a single row needs beside the program's buffers.</summary>
    public IEnumerable<Lowering.Buffer> Buffers => Others.Concat(_sums.Values);

    /// <summary>The second place of a state.</summary>
    public Lowering.Buffer OtherOf(string state)
    {
        if (!_others.TryGetValue(state, out var other))
        {
            _others.Add(state, other = new Lowering.Buffer(
                BufferRole.OtherState, _node, state, Region.Run, new(_node.Cell.States.First(s => s.Name == state).Size), RowsPer.Once,
                null));
        }

        return other;
    }

    /// <summary>
    /// The steps of a time loop for one sample: the next value of a state that is read meanwhile goes to the state's second place, and the
    /// two change roles.
    /// </summary>
    public IReadOnlyList<Instruction> OfLoop(IReadOnlyList<Instruction> body) => Fuse(body, (fused, multiply, stage) => [new FusedRow(
        fused, stage.Start, null, multiply.In, SumsOf(fused),
        [.. PlacesOf(fused, stage.Stage,
            o => fused.Replaced is { } s && o.Role == OperandRole.NextState && o.Of == s ? new Place(OtherOf(s)) : null)])]);

    /// <summary>A streaming step: a state that is read while it is made anew is first copied to its second place.</summary>
    public IReadOnlyList<Instruction> OfStep(IReadOnlyList<Instruction> step)
    {
        var input = (Multiply)step[0];
        var takesInput = ReducedStep is not null || Fused.Any(f => f.Input is not null);
        var rest = Fuse([.. step.Skip(1)], (fused, multiply, stage) =>
        {
            var other = fused.Replaced is { } state ? new Place(OtherOf(state)) : (Place?)null;
            var row = new FusedRow(
                fused, fused.Input is null ? stage.Start : null, fused.Input is null ? null : input.In, other ?? multiply.In,
                SumsOf(fused),
                [.. PlacesOf(fused, stage.Stage,
                    o => fused.Replaced is { } s && o.Role == OperandRole.PreviousState && o.Of == s ? other : null)]);
            return other is { } to ? [new CopyRows(multiply.In, to, Rows.Stream(1)), row] : [row];
        });
        return
        [
            .. takesInput ? Array.Empty<Instruction>() : [input],
            .. rest.Select(
                i => i is Multiply { Adds: true } u && ReducedStep is { } name
                    ? new MultiplyPair(name, input.Weights, input.In, u.Weights, u.In, u.Out)
                    : i),
        ];
    }

    private Place? SumsOf(FusedPlan fused) => _sums.TryGetValue(fused, out var sums) ? new Place(sums) : null;

    private static IEnumerable<Place> PlacesOf(FusedPlan fused, Stage stage, Func<Operand, Place?> instead)
    {
        var places = stage.Kernel.Operands.Zip(stage.Places, (o, p) => (o, p)).ToDictionary(x => x.o, x => x.p);
        return fused.Kernel.Operands.Select(o => instead(o) ?? places[o]);
    }

    private List<Instruction> Fuse(IReadOnlyList<Instruction> body,
        Func<FusedPlan, Multiply, (Stage Stage, Place? Start), IEnumerable<Instruction>> fuse)
    {
        var gates = body.OfType<Stage>().SelectMany(s => s.Kernel.Operands.Zip(s.Places, (o, p) => (o, p)))
            .Where(x => x.o.Role == OperandRole.Gates).Select(x => (Place?)x.p).FirstOrDefault();
        var code = new List<Instruction>();
        for (var i = 0; i < body.Count; i++)
        {
            if (body[i] is Multiply multiply && _fused.TryGetValue(multiply.Weights, out var fused))
            {
                code.AddRange(fuse(fused, multiply, ((Stage)body[++i], gates)));
            }
            else
            {
                code.Add(body[i]);
            }
        }

        return code;
    }
}
