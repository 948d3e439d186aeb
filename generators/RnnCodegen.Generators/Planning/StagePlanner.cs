using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Planning;

/// <summary>Lays out a cell's pointwise stages, forward and backward: which buffer each leaf comes from and each result goes to.</summary>
internal sealed class StagePlanner(NodeNames names, CellGraph cell, CellGradient gradient, CellLayout layout, bool hasOutput, bool isRecurrent)
{
    /// <summary>A stage of inference, or, where <paramref name="saving"/>, of training: the same and what Backward needs.</summary>
    /// <param name="registers">Where the sums are that do not come from memory; null where all do.</param>
    public StagePlan Forward(PointwiseStage stage, bool saving, Func<Expr, StageSlot?>? registers = null)
    {
        var index = cell.Stages.ToList().IndexOf(stage);
        var buffers = new BufferSet();
        var loads = new Dictionary<Expr, IReadOnlyList<StageSlot>>();
        var stores = new List<StageStore>();
        var saved = new List<Expr>();
        var earlier = OutputsBefore(index);
        foreach (var output in stage.Outputs)
        {
            Visit(output.Value, []);
        }

        foreach (var output in stage.Outputs)
        {
            var target = output.IsState ? layout.NextState(output.Name) : isRecurrent ? layout.Vector(output.Name) : layout.Output;
            stores.Add(new StageStore(new StageSlot(buffers.Add(target), 0), output.Value));
            if (hasOutput && output.IsState && output.Name == cell.States[0].Name)
            {
                stores.Add(new StageStore(new StageSlot(buffers.Add(layout.Output), 0), output.Value));
            }
        }

        if (saving)
        {
            foreach (var node in saved)
            {
                stores.Add(new StageStore(new StageSlot(buffers.Add(layout.Saved), SavedSlot(node)), node));
            }
        }

        var kept = stage.Outputs.Where(o => o.IsState && registers is null)
            .Select(o => (buffers.Add(layout.PreviousState(o.Name)), buffers.Add(layout.NextState(o.Name)))).ToArray();
        var cleared = buffers.Items.Where(b => b == layout.Output || stage.Outputs.Any(o => !o.IsState && b == layout.Vector(o.Name))).ToArray();
        return new StagePlan(
            names[$"{layout.StageName(stage)}{(saving ? "Saving" : "")}"],
            $"{names.Node.Name}: {string.Join(", ", stage.Outputs.Select(o => o.Name))} of each sample{(saving ? ", keeping what Backward needs" : "")}.",
            layout.BlocksOf(stage.Size), buffers.Items, loads, stores, isRecurrent ? kept : [], isRecurrent ? cleared : [], cell.Names, isRecurrent);

        void Visit(Expr e, HashSet<Expr> seen)
        {
            if (!seen.Add(e))
            {
                return;
            }

            if (earlier.TryGetValue(e, out var vector))
            {
                loads[e] = [new StageSlot(buffers.Add(layout.Vector(vector)), 0)];
                return;
            }

            if (registers?.Invoke(e) is { } register)
            {
                loads[e] = [register];
            }
            else if (e.Op == Op.Signal)
            {
                loads[e] = [ForwardLeaf(e, buffers)];
            }
            else if (layout.IsGateSum(e))
            {
                loads[e] = [ForwardLeaf(e.Arguments[0], buffers)];
            }
            else
            {
                foreach (var argument in e.Arguments)
                {
                    Visit(argument, seen);
                }
            }

            if (gradient.Saved.Contains(e) && !saved.Contains(e) && isRecurrent)
            {
                saved.Add(e);
            }
        }
    }

    public StagePlan Backward(BackwardPointwise stage)
    {
        var buffers = new BufferSet();
        var loads = new Dictionary<Expr, IReadOnlyList<StageSlot>>();
        foreach (var output in stage.Outputs)
        {
            Visit(output.Value);
        }

        var stores = new List<StageStore>();
        foreach (var output in stage.Outputs)
        {
            switch (output.Target)
            {
                case AdjointTarget.InputProduct:
                    stores.Add(new StageStore(new StageSlot(buffers.Add(layout.GateGradient), cell.Gates.ToList().IndexOf(output.Name)), output.Value));
                    break;
                case AdjointTarget.StepProduct:
                    var (product, slot) = layout.ProductOf(output.Name);
                    if (!layout.AddsToGates(product))
                    {
                        stores.Add(new StageStore(new StageSlot(buffers.Add(layout.StepGateGradient(product)), slot), output.Value));
                    }

                    break;
                case AdjointTarget.State:
                    stores.Add(new StageStore(new StageSlot(buffers.Add(layout.StateGradient(output.Name)), 0), output.Value, output.Accumulates));
                    break;
                case AdjointTarget.Vector:
                    stores.Add(new StageStore(new StageSlot(buffers.Add(layout.VectorGradient(output.Name)), 0), output.Value));
                    break;
                case AdjointTarget.Parameter:
                    stores.Add(new StageStore(new StageSlot(buffers.Add(layout.PeepholeGradient(output.Name)), 0), output.Value, IsSum: true));
                    break;
            }
        }

        var cleared = buffers.Items.Where(b => b == layout.GateGradient || layout.Products.Any(p => b == layout.StepGateGradient(p))).ToArray();
        return new StagePlan(
            names[$"{layout.StageName(stage.Forward)}Backward"],
            $"{names.Node.Name}: adjoints of what made {string.Join(", ", stage.Forward.Outputs.Select(o => o.Name))}, for each sample.",
            layout.BlocksOf(stage.Forward.Size), buffers.Items, loads, stores, [], isRecurrent ? cleared : [], BackwardNames(stage), isRecurrent);

        void Visit(Expr e)
        {
            if (loads.ContainsKey(e))
            {
                return;
            }

            if (e.IsSignal(SignalKind.Adjoint))
            {
                loads[e] = AdjointLeaf(e.Name, buffers);
            }
            else if (gradient.Saved.Contains(e))
            {
                loads[e] = [isRecurrent ? new StageSlot(buffers.Add(layout.Saved), SavedSlot(e)) : new StageSlot(buffers.Add(layout.Output), 0)];
            }
            else if (e.Op == Op.Signal)
            {
                loads[e] = [ForwardLeaf(e, buffers)];
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

    /// <summary>The forward names, and names for the adjoints: dI for gate i, before its activation.</summary>
    private Dictionary<Expr, NodeName> BackwardNames(BackwardPointwise stage)
    {
        var names = cell.Names.ToDictionary(n => n.Key, n => n.Value);
        foreach (var output in stage.Outputs.Where(o => o.Value.Arguments.Count > 0 && !names.ContainsKey(o.Value)))
        {
            var upper = output.Name.ToUpperInvariant();
            names.Add(output.Value, output.Target switch
            {
                AdjointTarget.InputProduct => new($"d{upper}", $"d{upper}: gradient of {output.Name} before its activation"),
                AdjointTarget.StepProduct => new($"du{upper}", $"du{upper}: gradient of the product U h' in {output.Name}"),
                AdjointTarget.State => new($"d{upper}Previous", $"d{upper}Previous: gradient of {output.Name}'"),
                AdjointTarget.Vector => new($"d{upper}Vector", $"d{upper}Vector: gradient of {output.Name}"),
                _ => new($"dw{upper}", $"dw{upper}: gradient of peephole {output.Name}"),
            });
        }

        return names;
    }

    private Dictionary<Expr, string> OutputsBefore(int stage) => cell.Stages.Take(stage).OfType<PointwiseStage>()
        .SelectMany(s => s.Outputs).ToDictionary(o => o.Value, o => o.Name);

    private int SavedSlot(Expr node) => gradient.Saved.ToList().IndexOf(node);

    private StageSlot ForwardLeaf(Expr e, BufferSet buffers)
    {
        switch (e.Kind)
        {
            case SignalKind.InputProduct:
                return new StageSlot(buffers.Add(layout.Gates), cell.Gates.ToList().IndexOf(e.Name));
            case SignalKind.StepProduct:
                var (product, slot) = layout.ProductOf(e.Name);
                return new StageSlot(buffers.Add(layout.StepGates(product)), slot);
            case SignalKind.Previous:
                return new StageSlot(buffers.Add(layout.PreviousState(e.Name)), 0);
            case SignalKind.Parameter:
                return new StageSlot(buffers.Add(layout.Peephole(e.Name)), 0);
            default:
                throw new InvalidOperationException($"A forward stage has no {e.Kind}.");
        }
    }

    /// <summary>The output's gradient comes from the layers above and, for a state, from the step after; both are added.</summary>
    private IReadOnlyList<StageSlot> AdjointLeaf(string name, BufferSet buffers)
    {
        if (!isRecurrent)
        {
            return [new StageSlot(buffers.Add(layout.OutputGradient), 0)];
        }

        if (!cell.States.Any(s => s.Name == name))
        {
            return [new StageSlot(buffers.Add(layout.VectorGradient(name)), 0)];
        }

        var carried = new StageSlot(buffers.Add(layout.StateGradient(name)), 0);
        return hasOutput && name == cell.States[0].Name ? [carried, new StageSlot(buffers.Add(layout.OutputGradient), 0)] : [carried];
    }

    /// <summary>Parameters in order of first use, each once.</summary>
    private sealed class BufferSet
    {
        public List<StageBuffer> Items { get; } = [];

        public StageBuffer Add(StageBuffer buffer)
        {
            if (!Items.Contains(buffer))
            {
                Items.Add(buffer);
            }

            return buffer;
        }
    }
}
