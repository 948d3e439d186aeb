using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Lowering;

/// <summary>A recurrent layer: one product for a chunk of steps, then a loop over these steps.</summary>
internal sealed class RecurrentLowering : NodeLowering
{
    private readonly RecurrentNode _node;
    private readonly CellGraph _cell;
    private readonly CellShape _shape;
    private readonly Weights _input;
    private readonly Dictionary<string, Weights> _products;
    private readonly Dictionary<(PointwiseStage, bool), PointwiseKernel> _kernels = [];
    private readonly KernelBuilder _builder;
    private readonly CellShape _inference;

    public RecurrentLowering(RecurrentNode node, ModelGraph graph, BufferTable buffers)
        : base(node, graph, buffers)
    {
        // Both cells have the same products, by name, and the same states.
        (_node, _cell) = (node, node.Training);
        _shape = new CellShape(_cell, node.Gradient, node.Output?.Width ?? 0);
        _builder = new KernelBuilder(node, _shape);
        _inference = new CellShape(node.Cell, node.Gradient, node.Output?.Width ?? 0);
        var inference = new KernelBuilder(node, _inference);
        foreach (var stage in node.Cell.Stages.OfType<PointwiseStage>())
        {
            _kernels.Add((stage, false), inference.Forward(stage, false));
        }

        foreach (var stage in _cell.Stages.OfType<PointwiseStage>())
        {
            _kernels.Add((stage, true), _builder.Forward(stage, true));
        }

        int[] all = [.. Enumerable.Range(0, _cell.Gates.Count)];
        var own = _shape.Products.Where(p => p.Weight == ProductWeight.Hidden)
            .SelectMany(p => p.Gates.Where(g => p.OwnBias.Contains(g.Gate)).Select(g => g.Block)).ToArray();
        BiasShare[] biases = !node.Spec.Bias || _cell.IsNormalised ? []
            : _shape.Products.All(p => p.Weight != ProductWeight.Hidden) ? [new(TensorOf("bias_ih"), all)]
            : [new(TensorOf("bias_ih"), all), new(TensorOf("bias_hh"), [.. all.Select(g => own.Contains(g) ? -1 : g)])];
        _input = new Weights(node, "Input", TensorOf("weight_ih"), all, _cell.Units, node.Input.Width, biases, node.Spec.WeightFormat);
        _products = _shape.Products.ToDictionary(p => p.Name, p => new Weights(
            node, p.Name, TensorOf(p.Weight == ProductWeight.Hidden ? "weight_hh" : "weight_hr"), [.. p.Gates.Select(g => g.Block)], p.Size,
            p.OperandSize,
            node.Spec.Bias && !_cell.IsNormalised && p.OwnBias.Count > 0
                ? [new(TensorOf("bias_hh"), [.. p.Gates.Select(g => p.OwnBias.Contains(g.Gate) ? g.Block : -1)])]
                : [], node.Spec.WeightFormat));
        Vectors = [.. _cell.Parameters.Select(p => new TrainedVector(node, TensorOf(p), GradientOf(p), true))];
    }

    public override IReadOnlyList<Weights> Weights => [_input, .. _shape.Products.Select(p => _products[p.Name])];

    public override IReadOnlyList<TrainedVector> Vectors { get; }

    public override IEnumerable<Instruction> Forward(Mode mode) =>
        [new Layer(_node, mode switch { Mode.Step => StepCode(), Mode.Run => [Loop(Mode.Run)], _ => TrainingCode() })];

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) => [new Layer(_node, [new TimeLoop(
        _node.Input.Axis!, !_node.Reverse, [], [.. _node.Gradient.Stages.Select(BackwardStage)],
        [.. AfterBackward(writes.Single().Adds)])])];

    private IReadOnlyList<Instruction> StepCode() =>
    [
        new Multiply(_input, Buffers.Value(_node.Input, Mode.Step), new(Gates(Mode.Step)), Rows.Stream(1), false),
        .. _node.Cell.Stages.Select(s => ForwardStage(s, Mode.Step)),
    ];

    private TimeLoop Loop(Mode mode) => new(
        _node.Input.Axis!, _node.Reverse,
        [new Multiply(_input, Buffers.Value(_node.Input, mode) with { Step = new(StepOrigin.Chunk) }, new(Gates(mode)), Rows.Chunk, false)],
        [.. (mode == Mode.Training ? _cell : _node.Cell).Stages.Select(s => ForwardStage(s, mode))], []);

    /// <summary>States of every step stay on the tape: before each, and after the last.</summary>
    private IReadOnlyList<Instruction> TrainingCode()
    {
        var (first, last) = _node.Reverse ? (new Step(StepOrigin.End), Step.Start) : (Step.Start, new Step(StepOrigin.End));
        return
        [
            .. _cell.Masks.Select((m, i) => new FillMask(
                new(MaskOf(m)), m.IsOfStep ? Rows.Of(_node.Input) : Rows.Samples, m.Size, _node.FirstStream + i, m.Probability)),
            .. _cell.States.Select(s => new CopyRows(new(StateOf(s.Name)), new(History(s.Name), first), Rows.Samples)),
            Loop(Mode.Training),
            .. _cell.States.Select(s => new CopyRows(new(History(s.Name), last), new(StateOf(s.Name)), Rows.Samples)),
        ];
    }

    private Instruction ForwardStage(CellStage stage, Mode mode)
    {
        var rows = Samples(mode);
        if (stage is ProductStage p)
        {
            var shape = mode == Mode.Training ? _shape : _inference;
            var adds = shape.AddsToGates(p);
            return new Multiply(_products[p.Name], PlaceOf(shape.OperandOf(p), mode),
                PlaceOf(adds ? shape.Gates : shape.StepGates(p), mode), rows, adds);
        }

        var kernel = _kernels[((PointwiseStage)stage, mode == Mode.Training)];
        return new Stage(kernel, [.. kernel.Operands.Select(o => PlaceOf(o, mode))], rows);
    }

    private Instruction BackwardStage(BackwardStage stage)
    {
        if (stage is BackwardProduct { Forward: var p })
        {
            // A state's gradient has more sources; a vector's has this one.
            var isState = _shape.IsState(p.OperandName);
            var target = isState ? _shape.StateGradient(p.OperandName) : _shape.VectorGradient(p.OperandName);
            return new MultiplyBack(_products[p.Name], BackwardPlaceOf(_shape.GradientOf(p)), BackwardPlaceOf(target), Rows.Samples,
                isState);
        }

        var kernel = _builder.Backward((BackwardPointwise)stage);
        return new Stage(kernel, [.. kernel.Operands.Select(BackwardPlaceOf)], Rows.Samples);
    }

    private IEnumerable<Instruction> AfterBackward(bool adds)
    {
        var chunk = new Step(StepOrigin.Chunk);
        var dGates = new Place(Scratch(BufferRole.GateGradients, "", Mode.Training, _shape.GateRow, RowsPer.ChunkStep));
        var back = new MultiplyBack(_input, dGates, new(Buffers.Gradient(_node.Input), chunk), Rows.Chunk, adds);
        yield return _node.Input.IsInput ? new IfInputGradient(back) : back;
        yield return new AddWeightGradients(_input, dGates, Buffers.Value(_node.Input, Mode.Training) with { Step = chunk }, Rows.Chunk);
        foreach (var p in _shape.Products)
        {
            var isState = _shape.IsState(p.OperandName);
            yield return new AddWeightGradients(
                _products[p.Name], BackwardPlaceOf(_shape.GradientOf(p)) with { Step = Step.Start },
                new(isState ? History(p.OperandName) : KeptVector(p.OperandName),
                    isState && _node.Reverse ? chunk with { After = 1 } : chunk), Rows.Chunk);
        }
    }

    private Place PlaceOf(Operand operand, Mode mode)
    {
        var inLoop = mode != Mode.Step;
        switch (operand.Role)
        {
            case OperandRole.Gates:
                return new(Gates(mode), inLoop ? new(StepOrigin.StepOfChunk) : Step.Start);
            case OperandRole.StepGates:
                return new(Scratch(BufferRole.StepGates, operand.Of, mode, operand.Row, RowsPer.Sample));
            case OperandRole.Parameter:
                return new(TensorOf(ParameterOf(operand)));
            case OperandRole.Output:
                return mode == Mode.Step
                    ? Buffers.Value(_node.Output!, mode)
                    : Buffers.Value(_node.Output!, mode) with { Step = new(StepOrigin.Step), Column = _node.Column };
            case OperandRole.PreviousState:
                return mode != Mode.Training
                    ? new(StateOf(operand.Of))
                    : new(History(operand.Of), new(StepOrigin.Step, _node.Reverse ? 1 : 0));
            case OperandRole.NextState:
                return mode != Mode.Training
                    ? new(StateOf(operand.Of))
                    : new(History(operand.Of), new(StepOrigin.Step, _node.Reverse ? 0 : 1));
            case OperandRole.Vector when mode == Mode.Training && _shape.Vectors.Contains((operand.Of, true)):
                return new(KeptVector(operand.Of), new(StepOrigin.Step));
            case OperandRole.Vector:
                return new(Scratch(BufferRole.StepVector, operand.Of, mode, operand.Row, RowsPer.Sample));
            case OperandRole.Mask:
                var mask = _cell.Masks.First(m => m.Name == operand.Of);
                return new(MaskOf(mask), mask.IsOfStep ? new(StepOrigin.Step) : Step.Start);
            case OperandRole.Saved:
                return new(KeptRows("saved", operand.Row), new(StepOrigin.Step));
            case OperandRole.Statistics:
                return new(Buffers.Statistics(_node, _node.Input, operand.Row.Size), new(StepOrigin.Step));
            default:
                throw new InvalidOperationException($"{operand.Role} has no place in a forward pass.");
        }
    }

    private Place BackwardPlaceOf(Operand operand) => operand.Role switch
    {
        OperandRole.GateGradient => new(Scratch(BufferRole.GateGradients, "", Mode.Training, operand.Row, RowsPer.ChunkStep),
            new(StepOrigin.StepOfChunk)),
        OperandRole.StepGateGradient => new(
            Scratch(BufferRole.StepGateGradients, operand.Of, Mode.Training, operand.Row, RowsPer.ChunkStep), new(StepOrigin.StepOfChunk)),
        OperandRole.OutputGradient => new(Buffers.Gradient(_node.Output!), new(StepOrigin.Step), _node.Column),
        OperandRole.StateGradient => new(Buffers.StateGradient(_node.States[IndexOf(operand.Of)])),
        OperandRole.VectorGradient => new(Scratch(BufferRole.StepVectorGradient, operand.Of, Mode.Training, operand.Row, RowsPer.Sample)),
        OperandRole.ParameterGradient => new(GradientOf(ParameterOf(operand))),
        _ => PlaceOf(operand, Mode.Training),
    };

    private string TensorOf(string kind) => $"{_node.Spec.Name}.{kind}_{_node.Suffix}";

    private CellParameter ParameterOf(Operand operand) => _cell.Parameters.First(p => p.Name == operand.Of);

    private Buffer TensorOf(CellParameter p) => Buffers.Tensor(TensorOf(p.Tensor), new RowShape(p.Size, p.Signals.Count));

    private Buffer GradientOf(CellParameter p) =>
        Buffers.VectorGradient(_node, CamelName.Of(p.Name), new(p.Size, p.Signals.Count));

    private Buffer Gates(Mode mode) => Scratch(BufferRole.Gates, "", mode, _shape.GateRow, RowsPer.ChunkStep);

    private Buffer Scratch(BufferRole role, string part, Mode mode, RowShape shape, RowsPer rows) =>
        Buffers.Of(role, _node, part, mode == Mode.Training ? Region.Training : Region.Run, shape, rows,
            rows == RowsPer.ChunkStep ? _node.Input.Axis : null);

    private Buffer StateOf(string name) => Buffers.State(_node.States[IndexOf(name)]);

    private Buffer History(string state) =>
        Buffers.Of(BufferRole.Kept, _node, state, Region.Tape, new(_cell.States[IndexOf(state)].Size), RowsPer.StepAndEnd,
            _node.Input.Axis);

    private Buffer KeptVector(string name) => KeptRows(name, _shape.Vector(name).Row);

    private Buffer MaskOf(CellMask mask) => mask.IsOfStep
        ? KeptRows(mask.Name, new(mask.Size))
        : Buffers.Of(BufferRole.Kept, _node, mask.Name, Region.Tape, new(mask.Size), RowsPer.Sample);

    private Buffer KeptRows(string part, RowShape shape) => Buffers.Of(BufferRole.Kept, _node, part, Region.Tape, shape, RowsPer.Step,
        _node.Input.Axis);

    private int IndexOf(string state) => _cell.States.ToList().FindIndex(s => s.Name == state);
}
