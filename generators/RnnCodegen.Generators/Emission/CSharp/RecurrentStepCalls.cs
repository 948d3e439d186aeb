using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Spells what a recurrent layer does in a streaming step.</summary>
internal sealed class RecurrentStepCalls(ModelPlan model, RecurrentPlan plan)
{
    private readonly RecurrentNode _node = plan.Recurrent;
    private readonly CellLayout _layout = plan.Layout;
    private readonly RecurrentPlaces _places = new(model, plan);

    /// <summary>A streaming step, one call a line; the layer's output is its hidden state.</summary>
    public IEnumerable<string> Spell(Func<string, string> scratch, Func<Value, string> value)
    {
        if (plan.ReducedStep is null && plan.Fused.All(f => f.Input is null))
        {
            yield return $"{plan.Input.Forward.RowName}({value(_node.Input)}, {VectorText.At("packed", plan.Input.Forward.PackedOffset)}, {VectorText.At("packed", plan.Input.StartOffset)}, {scratch("Gates")}, call.Turn);";
        }

        foreach (var (step, fused) in plan.RowSteps)
        {
            if (fused is not null)
            {
                if (fused.Replaced is { } replaced)
                {
                    var stride = _layout.StateStride(replaced);
                    yield return $"RowOps.Copy({State(replaced)}, {stride}, {scratch(KernelNames.Other(replaced))}, {stride}, 1, {stride});";
                }

                yield return Fused(fused);
            }
            else if (plan.ReducedStep is { } name && step.Product is { } u && _layout.AddsToGates(step.Stage!))
            {
                yield return $"{name}({value(_node.Input)}, {VectorText.At("packed", plan.Input.Forward.PackedOffset)}, {Place(step.Stage!.OperandName)}, {VectorText.At("packed", u.Forward.PackedOffset)}, {VectorText.At("packed", plan.Input.StartOffset)}, {scratch("Gates")}, call.Turn);";
            }
            else if (step.Product is { } q)
            {
                var (start, target) = _layout.AddsToGates(step.Stage!)
                    ? (scratch("Gates"), scratch("Gates"))
                    : (VectorText.At("packed", q.StartOffset), scratch($"Gates{step.Stage!.Name}"));
                yield return $"{q.Forward.RowName}({Place(step.Stage!.OperandName)}, {VectorText.At("packed", q.Forward.PackedOffset)}, {start}, {target}, call.Turn);";
            }
            else
            {
                yield return $"{step.Run!.Name}({string.Join(", ", step.Run.Buffers.Select(b => BufferPlace(b)))}, 1, null, 0);";
            }
        }

        string Fused(FusedPlan fused)
        {
            var previous = fused.Replaced is { } state ? _layout.PreviousState(state) : null;
            var old = fused.Replaced is { } name ? scratch(KernelNames.Other(name)) : Place(fused.Product.OperandName);
            IEnumerable<string> arguments =
            [
                fused.Input is { } input ? VectorText.At("packed", input.StartOffset) : scratch("Gates"),
                .. fused.Input is { } w ? [value(_node.Input), VectorText.At("packed", w.Forward.PackedOffset)] : Array.Empty<string>(),
                .. fused.HasOwnStart ? [VectorText.At("packed", fused.Hidden.StartOffset)] : Array.Empty<string>(),
                old, VectorText.At("packed", fused.Hidden.Forward.PackedOffset),
                .. fused.Stage.Buffers.Select(b => b == previous ? old : BufferPlace(b)), "call.Turn",
            ];
            return $"{(fused.Input is null ? fused.RowName : fused.StepName)}({string.Join(", ", arguments)});";
        }

        string Place(string operand) => _places.IsState(operand) ? State(operand) : scratch($"Vector{operand.ToUpperInvariant()}");

        string State(string name) => VectorText.At("state", _places.StateOffset(name));

        string BufferPlace(StageBuffer buffer)
        {
            if (buffer == _layout.Gates)
            {
                return scratch("Gates");
            }

            if (buffer == _layout.Output)
            {
                return State(_node.Cell.States[0].Name);
            }

            foreach (var state in _node.Cell.States.Where(s => buffer == _layout.PreviousState(s.Name) || buffer == _layout.NextState(s.Name)))
            {
                return State(state.Name);
            }

            foreach (var product in _layout.Products.Where(p => buffer == _layout.StepGates(p)))
            {
                return scratch($"Gates{product.Name}");
            }

            foreach (var (gate, _, offset) in plan.Peepholes.Where(p => buffer == _layout.Peephole(p.Gate)))
            {
                return VectorText.At("packed", offset);
            }

            return scratch($"Vector{_layout.Vectors.First(v => buffer == _layout.Vector(v.Name)).Name.ToUpperInvariant()}");
        }
    }
}
