using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

/// <summary>
/// Makes kernels of a cell's pointwise stages, forward and backward: which operand each leaf comes from and each result goes to.
/// </summary>
internal sealed class KernelBuilder(Node node, CellShape shape)
{
    private readonly CellGraph _cell = shape.Cell;
    private readonly EquationText _text = new(shape.Cell);

    /// <summary>A stage of inference, or, where <paramref name="saving"/>, of training: the same and what Backward needs.</summary>
    /// <param name="registers">Where the sums are that do not come from memory; null where all do.</param>
    public PointwiseKernel Forward(PointwiseStage stage, bool saving, Func<Expr, OperandSlot?>? registers = null)
    {
        var index = _cell.Stages.ToList().IndexOf(stage);
        var operands = new OperandSet();
        var loads = new Dictionary<Expr, IReadOnlyList<OperandSlot>>();
        var stores = new List<KernelStore>();
        var saved = new List<Expr>();
        var earlier = OutputsBefore(index);
        foreach (var output in stage.Outputs)
        {
            Visit(output.Value, []);
        }

        foreach (var output in stage.Outputs)
        {
            var target = output.IsState ? shape.NextState(output.Name) : shape.IsRecurrent ? shape.Vector(output.Name) : shape.Output;
            stores.Add(new KernelStore(new OperandSlot(operands.Add(target), 0), output.Value));
            if (shape.HasOutput && output.IsState && output.Name == _cell.States[0].Name)
            {
                stores.Add(new KernelStore(new OperandSlot(operands.Add(shape.Output), 0), output.Value));
            }
        }

        if (saving)
        {
            foreach (var node in saved)
            {
                stores.Add(new KernelStore(Kept(node, operands), node));
            }
        }

        var kept = stage.Outputs.Where(o => o.IsState && registers is null)
            .Select(o => (operands.Add(shape.PreviousState(o.Name)), operands.Add(shape.NextState(o.Name)))).ToArray();
        var cleared = operands.Items.Where(b => b == shape.Output || stage.Outputs.Any(o => !o.IsState && b == shape.Vector(o.Name)))
            .ToArray();
        return new PointwiseKernel(
            node, stage, saving ? KernelUse.Saving : KernelUse.Forward, operands.Items, loads, stores, shape.IsRecurrent ? kept : [],
            shape.IsRecurrent ? cleared : [], _cell.Names, _text);

        void Visit(Expr e, HashSet<Expr> seen)
        {
            if (!seen.Add(e))
            {
                return;
            }

            if (earlier.TryGetValue(e, out var vector))
            {
                loads[e] = [new OperandSlot(operands.Add(shape.Vector(vector)), 0)];
                return;
            }

            if (registers?.Invoke(e) is { } register)
            {
                loads[e] = [register];
            }
            else if (e.Op == Op.Signal)
            {
                loads[e] = [ForwardLeaf(e, operands)];
            }
            else if (shape.IsGateSum(e))
            {
                loads[e] = [ForwardLeaf(e.Arguments[0], operands)];
            }
            else
            {
                foreach (var argument in e.Arguments)
                {
                    Visit(argument, seen);
                }
            }

            if (IsKept(e) && !saved.Contains(e))
            {
                saved.Add(e);
            }
        }
    }

    /// <summary>The adjoint of a stage.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="addsTo">Arguments whose gradients are added to; null for none.</param>
    public PointwiseKernel Backward(BackwardPointwise stage, IReadOnlyCollection<string>? addsTo = null)
    {
        var operands = new OperandSet();
        var loads = new Dictionary<Expr, IReadOnlyList<OperandSlot>>();
        var seen = new HashSet<Expr>();
        foreach (var output in stage.Outputs)
        {
            Visit(output.Value);
        }

        var stores = new List<KernelStore>();
        foreach (var output in stage.Outputs)
        {
            switch (output.Target)
            {
                case AdjointTarget.InputProduct:
                    stores.Add(new KernelStore(operands.Add(shape.GradientOfGate(output.Name)), output.Value,
                        output.Accumulates || (addsTo?.Contains(output.Name) ?? false)));
                    break;
                case AdjointTarget.StepProduct:
                    var (product, slot) = shape.ProductOf(output.Name);
                    if (!shape.AddsToGates(product))
                    {
                        stores.Add(new KernelStore(new OperandSlot(operands.Add(shape.StepGateGradient(product)), slot), output.Value,
                            output.Accumulates));
                    }

                    break;
                case AdjointTarget.State:
                    stores.Add(new KernelStore(new OperandSlot(operands.Add(shape.StateGradient(output.Name)), 0), output.Value,
                        output.Accumulates));
                    break;
                case AdjointTarget.Vector:
                    stores.Add(new KernelStore(new OperandSlot(operands.Add(shape.VectorGradient(output.Name)), 0), output.Value,
                        output.Accumulates));
                    break;
                case AdjointTarget.Parameter:
                    stores.Add(new KernelStore(operands.Add(shape.ParameterGradient(output.Name)), output.Value, IsSum: true));
                    break;
            }
        }

        var cleared = operands.Items.Where(b => b == shape.GateGradient || shape.Products.Any(p => b == shape.StepGateGradient(p)))
            .ToArray();
        return new PointwiseKernel(
            node, stage.Forward, KernelUse.Backward, operands.Items, loads, stores, [], shape.IsRecurrent ? cleared : [],
            BackwardNames(stage), _text);

        void Visit(Expr e)
        {
            if (!seen.Add(e))
            {
                return;
            }

            if (e.IsSignal(SignalKind.Adjoint))
            {
                loads[e] = AdjointLeaf(e.Name, operands);
            }
            else if (IsKept(e))
            {
                loads[e] = [Kept(e, operands)];
            }
            else if (shape.IsResult(e))
            {
                loads[e] = [new OperandSlot(operands.Add(shape.Output), 0)];
            }
            else if (e.Op == Op.Signal)
            {
                loads[e] = [ForwardLeaf(e, operands)];
            }
            else
            {
                foreach (var argument in e.Arguments)
                {
                    Visit(argument);
                }
            }
        }
    }

    /// <summary>
    /// The forward names, and names for the adjoints: dI for gate i before its activation, and for other named values, which have a local
    /// where they are used twice.
    /// </summary>
    private Dictionary<Expr, NodeName> BackwardNames(BackwardPointwise stage)
    {
        var names = _cell.Names.ToDictionary(n => n.Key, n => n.Value);
        foreach (var output in stage.Outputs.Where(o => o.Value.Arguments.Count > 0 && !names.ContainsKey(o.Value)))
        {
            var upper = output.Target == AdjointTarget.Parameter ? CamelName.Capital(output.Name) : output.Name.ToUpperInvariant();
            names.Add(output.Value, new(output.Target switch
            {
                AdjointTarget.InputProduct => $"d{upper}",
                AdjointTarget.StepProduct => $"du{upper}",
                AdjointTarget.State => $"d{upper}Previous",
                AdjointTarget.Vector => $"d{upper}Vector",
                _ => $"d{upper}",
            }));
        }

        var taken = new HashSet<string>(names.Values.Select(n => n.Name));
        foreach (var node in stage.Adjoints.Where(
            a => a.Value.Arguments.Count > 0 && !names.ContainsKey(a.Value) && _cell.Names.ContainsKey(a.Key)))
        {
            var name = $"d{_cell.Names[node.Key].Name.ToUpperInvariant()}";
            if (taken.Add(name))
            {
                names.Add(node.Value, new(name, IsOptional: true));
            }
        }

        return names;
    }

    private Dictionary<Expr, string> OutputsBefore(int stage) => _cell.Stages.Take(stage).OfType<PointwiseStage>()
        .SelectMany(s => s.Outputs).ToDictionary(o => o.Value, o => o.Name);

    private bool IsKept(Expr e) => (e.IsOfRow ? shape.KeptOfRow : shape.Kept).Contains(e);

    private OperandSlot Kept(Expr e, OperandSet operands) => e.IsOfRow
        ? new(operands.Add(shape.Statistics), shape.KeptOfRow.ToList().IndexOf(e))
        : new(operands.Add(shape.Saved), shape.Kept.ToList().IndexOf(e));

    private OperandSlot ForwardLeaf(Expr e, OperandSet operands)
    {
        switch (e.Kind)
        {
            case SignalKind.InputProduct:
                return operands.Add(shape.Gate(e.Name));
            case SignalKind.StepProduct:
                var (product, slot) = shape.ProductOf(e.Name);
                return new OperandSlot(operands.Add(shape.StepGates(product)), slot);
            case SignalKind.Previous:
                return new OperandSlot(operands.Add(shape.PreviousState(e.Name)), 0);
            case SignalKind.Parameter:
                return operands.Add(shape.Parameter(e.Name));
            case SignalKind.Mask:
                return new OperandSlot(operands.Add(shape.Mask(e.Name)), 0);
            default:
                throw new InvalidOperationException($"A forward stage has no {e.Kind}.");
        }
    }

    /// <summary>The output's gradient comes from the layers above and, for a state, from the step after; both are added.</summary>
    private IReadOnlyList<OperandSlot> AdjointLeaf(string name, OperandSet operands)
    {
        if (!shape.IsRecurrent)
        {
            return [new OperandSlot(operands.Add(shape.OutputGradient), 0)];
        }

        if (!_cell.States.Any(s => s.Name == name))
        {
            return [new OperandSlot(operands.Add(shape.VectorGradient(name)), 0)];
        }

        var carried = new OperandSlot(operands.Add(shape.StateGradient(name)), 0);
        return shape.HasOutput && name == _cell.States[0].Name
            ? [carried, new OperandSlot(operands.Add(shape.OutputGradient), 0)]
            : [carried];
    }

    /// <summary>In order of first use, each once.</summary>
    private sealed class OperandSet
    {
        public List<Operand> Items { get; } = [];

        public Operand Add(Operand operand)
        {
            if (!Items.Contains(operand))
            {
                Items.Add(operand);
            }

            return operand;
        }

        public OperandSlot Add(OperandSlot slot)
        {
            Add(slot.Operand);
            return slot;
        }
    }
}
