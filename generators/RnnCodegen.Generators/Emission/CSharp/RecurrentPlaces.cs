using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Spells where a recurrent layer's buffers stand in its time loops, at step t, the k-th of a chunk.</summary>
internal sealed class RecurrentPlaces(ModelPlan model, RecurrentPlan plan)
{
    private readonly RecurrentNode _node = plan.Recurrent;
    private readonly CellLayout _layout = plan.Layout;
    private readonly MatrixText _m = new(model.Names);

    /// <summary>The vector that a product multiplies.</summary>
    public StageBuffer Operand(ProductStage stage) =>
        IsState(stage.OperandName) ? _layout.PreviousState(stage.OperandName) : _layout.Vector(stage.OperandName);

    /// <summary>In inference.</summary>
    public string Run(StageBuffer buffer)
    {
        foreach (var state in _node.Cell.States.Where(s => buffer == _layout.PreviousState(s.Name) || buffer == _layout.NextState(s.Name)))
        {
            return state.Name;
        }

        foreach (var (name, _) in _layout.Vectors.Where(v => buffer == _layout.Vector(v.Name)))
        {
            return $"m.Vector{name.ToUpperInvariant()}";
        }

        return Forward(buffer);
    }

    /// <summary>In training: on the tape, or as in inference.</summary>
    public string Tape(StageBuffer buffer)
    {
        foreach (var state in _node.Cell.States)
        {
            var tape = $"m.{plan.Names.Field(state.Name.ToUpperInvariant())}";
            if (buffer == _layout.PreviousState(state.Name))
            {
                return VectorText.Address(tape, At(_node.Reverse ? "(t + 1)" : "t", buffer.Stride));
            }

            if (buffer == _layout.NextState(state.Name))
            {
                return VectorText.Address(tape, At(_node.Reverse ? "t" : "(t + 1)", buffer.Stride));
            }
        }

        foreach (var (name, isOperand) in _layout.Vectors.Where(v => buffer == _layout.Vector(v.Name)))
        {
            return isOperand ? VectorText.Address($"m.{plan.Names.Field(name.ToUpperInvariant())}", At("t", buffer.Stride)) : $"m.Vector{name.ToUpperInvariant()}";
        }

        return buffer == _layout.Saved ? VectorText.Address($"m.{plan.Names.Field("Saved")}", At("t", buffer.Stride)) : Forward(buffer);
    }

    /// <summary>What inference and training share.</summary>
    public string Forward(StageBuffer buffer)
    {
        if (buffer == _layout.Gates)
        {
            return VectorText.Address("m.Gates", At("k", buffer.Stride));
        }

        if (buffer == _layout.Output)
        {
            return VectorText.Address(Value(_node.Output!), VectorText.Add(At("t", buffer.Stride), $"{_node.Column}"));
        }

        foreach (var product in _layout.Products.Where(p => buffer == _layout.StepGates(p)))
        {
            return $"m.Gates{product.Name}";
        }

        var (_, _, offset) = plan.Peepholes.First(p => buffer == _layout.Peephole(p.Gate));
        return VectorText.At("call.Packed", offset);
    }

    /// <summary>In Backward.</summary>
    public string Backward(StageBuffer buffer)
    {
        if (buffer == _layout.GateGradient)
        {
            return VectorText.Address("m.GateGradients", At("k", buffer.Stride));
        }

        if (buffer == _layout.OutputGradient)
        {
            return VectorText.Address(_m.Gradient(_node.Output!), VectorText.Add(At("t", buffer.Stride), $"{_node.Column}"));
        }

        foreach (var product in _layout.Products.Where(p => buffer == _layout.StepGateGradient(p)))
        {
            return VectorText.Address($"m.GateGradients{product.Name}", At("k", buffer.Stride));
        }

        foreach (var state in _node.Cell.States.Where(s => buffer == _layout.StateGradient(s.Name)))
        {
            return $"d{state.Name}";
        }

        foreach (var (name, _) in _layout.Vectors.Where(v => buffer == _layout.VectorGradient(v.Name)))
        {
            return $"m.VectorGradient{name.ToUpperInvariant()}";
        }

        foreach (var (gate, _, _) in plan.Peepholes.Where(p => buffer == _layout.PeepholeGradient(p.Gate)))
        {
            return $"m.{plan.Names.Field($"Peephole{gate.ToUpperInvariant()}Gradient")}";
        }

        return Tape(buffer);
    }

    /// <summary>Whether a vector is a state.</summary>
    public bool IsState(string name) => _node.Cell.States.Any(s => s.Name == name);

    /// <summary>Where a state starts, in floats a sample.</summary>
    public int StateOffset(string name) => model.StateOffset(_node.States[_node.Cell.States.ToList().FindIndex(s => s.Name == name)]);

    /// <summary>A value of the model.</summary>
    public string Value(Value value) => _m.Value(value);

    /// <summary>A value\'s gradient.</summary>
    public string Gradient(Value value) => _m.Gradient(value);

    /// <summary>An offset of so many steps, with rows of a stride.</summary>
    public static string At(string step, int stride) => $"{step} * batch * {stride}";
}
