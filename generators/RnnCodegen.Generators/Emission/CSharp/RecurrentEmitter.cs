using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes a recurrent layer's time loops: inference, training and backward.</summary>
internal sealed class RecurrentEmitter(SourceWriter writer, ModelPlan model, RecurrentPlan plan)
{
    private readonly RecurrentNode _node = plan.Recurrent;
    private readonly CellLayout _layout = plan.Layout;

    private string Name => _node.Name;

    private string Shape => $"{(_node.Reverse ? "from the last step to the first, " : "")}h[T, B, {_node.Cell.States[0].Size}] from x[T, B, {_node.Input.Width}]";

    /// <summary>Inference: the state is updated in place.</summary>
    public void WriteRun()
    {
        writer.Line();
        writer.Line($"/// <summary>{Name}: {Shape}.</summary>");
        using (writer.Block($"private static void {Name}Run(in ModelCall call, in Memory m, int first, int steps)"))
        {
            using (writer.Block("if (call.Batch == 1)"))
            {
                writer.Line($"{Name}RunRow(call, m, first, steps);");
                writer.Line("return;");
            }

            writer.Line();
            writer.Line("nint batch = call.Batch;");
            States("call.State");
            using (Chunks(_node.Reverse))
            {
                Multiply(plan.Input, VectorText.Address(Value(_node.Input), At("from", SimdTarget.Stride(_node.Input.Width))), "m.Gates", "count * batch", "0");
                using (Steps(_node.Reverse))
                {
                    foreach (var step in plan.Steps)
                    {
                        WriteStep(step, step.Run, RunPlace);
                    }
                }
            }
        }

        WriteRunRow();
    }

    /// <summary>Inference of one sequence: product and cell in one where they can be.</summary>
    private void WriteRunRow()
    {
        var replaced = plan.Fused.Select(f => f.Replaced).OfType<string>().ToArray();
        writer.Line();
        writer.Line($"/// <summary>{Name} of one sequence.</summary>");
        using (writer.Block($"private static void {Name}RunRow(in ModelCall call, in Memory m, int first, int steps)"))
        {
            writer.Line("const int batch = 1;");
            if (_node.Output is { } output)
            {
                writer.Line("int past = call.Lengths == null ? 0 : Math.Clamp(first + steps - call.Lengths[0], 0, steps);");
                writer.Line("steps -= past;");
                writer.Line($"RowOps.Clear({VectorText.Address(Value(output), VectorText.Add(At("steps", SimdTarget.Stride(output.Width)), $"{_node.Column}"))}, {SimdTarget.Stride(output.Width)}, past, {_layout.BlocksOf(_node.Cell.States[0].Size).Padded});");
            }
            else
            {
                writer.Line("steps = call.Lengths == null ? steps : Math.Clamp(call.Lengths[0] - first, 0, steps);");
            }

            States("call.State");
            foreach (var state in replaced)
            {
                writer.Line($"float* other{state.ToUpperInvariant()} = m.{MemoryPlan.Other(state)};");
            }

            using (Chunks(_node.Reverse))
            {
                Multiply(plan.Input, VectorText.Address(Value(_node.Input), At("from", SimdTarget.Stride(_node.Input.Width))), "m.Gates", "count", "0");
                using (Steps(_node.Reverse))
                {
                    foreach (var (step, fused) in plan.RowSteps)
                    {
                        if (fused is not null)
                        {
                            WriteFused(fused);
                        }
                        else
                        {
                            WriteStep(step, step.Run, RunPlace, "null");
                        }
                    }
                }
            }

            foreach (var state in replaced)
            {
                var stride = _layout.StateStride(state);
                using (writer.Block($"if ({state} == m.{MemoryPlan.Other(state)})"))
                {
                    writer.Line($"RowOps.Copy({state}, {stride}, other{state.ToUpperInvariant()}, {stride}, 1, {stride});");
                }
            }
        }
    }

    private void WriteFused(FusedPlan fused)
    {
        var next = fused.Replaced is { } state ? _layout.NextState(state) : null;
        var other = $"other{fused.Replaced?.ToUpperInvariant()}";
        writer.Call(
            fused.RowName,
            [
                ForwardPlace(_layout.Gates), .. fused.HasOwnStart ? [VectorText.At("call.Packed", fused.Hidden.StartOffset)] : Array.Empty<string>(),
                RunPlace(OperandBuffer(fused.Product)), VectorText.At("call.Packed", fused.Hidden.Forward.PackedOffset),
                .. fused.Stage.Buffers.Select(b => b == next ? other : RunPlace(b)), "first + t",
            ]);
        if (fused.Replaced is { } replaced)
        {
            writer.Line($"float* last{replaced.ToUpperInvariant()} = {replaced};");
            writer.Line($"{replaced} = {other};");
            writer.Line($"{other} = last{replaced.ToUpperInvariant()};");
        }
    }

    /// <summary>Training: states, operands and gate values of every step stay on the tape.</summary>
    public void WriteForward()
    {
        writer.Line();
        writer.Line($"/// <summary>{Name} in training: {Shape}, and the tape.</summary>");
        using (writer.Block($"private static void {Name}Forward(in ModelCall call, in Memory m, int first, int steps)"))
        {
            writer.Line("nint batch = call.Batch;");
            CopyStates(toTape: true);
            using (Chunks(_node.Reverse))
            {
                Multiply(plan.Input, VectorText.Address(Value(_node.Input), At("from", SimdTarget.Stride(_node.Input.Width))), "m.Gates", "count * batch", "0");
                using (Steps(_node.Reverse))
                {
                    foreach (var step in plan.Steps)
                    {
                        WriteStep(step, step.Forward, TapePlace);
                    }
                }
            }

            writer.Line();
            CopyStates(toTape: false);
        }
    }

    public void WriteBackward(bool accumulatesInput)
    {
        writer.Line();
        writer.Line($"/// <summary>{Name}: gradients of x, of the initial state and of the weights.</summary>");
        using (writer.Block($"private static void {Name}Backward(in ModelCall call, in Memory m, int first, int steps)"))
        {
            writer.Line("nint batch = call.Batch;");
            foreach (var state in _node.Cell.States)
            {
                writer.Line($"float* d{state.Name} = {VectorText.PerSample("call.StateGradient", StateOffset(state.Name))};");
            }

            using (Chunks(!_node.Reverse))
            {
                using (Steps(!_node.Reverse))
                {
                    foreach (var step in plan.BackwardSteps)
                    {
                        WriteBackwardStep(step);
                    }
                }

                writer.Line();
                WriteWeightGradients(accumulatesInput);
            }
        }
    }

    /// <summary>A streaming step, one call a line; the layer's output is its hidden state.</summary>
    public IEnumerable<string> StepCalls(Func<string, string> scratch, Func<Value, string> value)
    {
        if (plan.ReducedStep is null && plan.Fused.All(f => f.Input is null))
        {
            yield return $"{plan.Input.Forward.Name}Row({value(_node.Input)}, {VectorText.At("packed", plan.Input.Forward.PackedOffset)}, {VectorText.At("packed", plan.Input.StartOffset)}, {scratch("Gates")}, call.Turn);";
        }

        foreach (var (step, fused) in plan.RowSteps)
        {
            if (fused is not null)
            {
                if (fused.Replaced is { } replaced)
                {
                    var stride = _layout.StateStride(replaced);
                    yield return $"RowOps.Copy({State(replaced)}, {stride}, {scratch(MemoryPlan.Other(replaced))}, {stride}, 1, {stride});";
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
                yield return $"{q.Forward.Name}Row({Place(step.Stage!.OperandName)}, {VectorText.At("packed", q.Forward.PackedOffset)}, {start}, {target}, call.Turn);";
            }
            else
            {
                yield return $"{step.Run!.Name}({string.Join(", ", step.Run.Buffers.Select(b => BufferPlace(b)))}, 1, null, 0);";
            }
        }

        string Fused(FusedPlan fused)
        {
            var previous = fused.Replaced is { } state ? _layout.PreviousState(state) : null;
            var old = fused.Replaced is { } name ? scratch(MemoryPlan.Other(name)) : Place(fused.Product.OperandName);
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

        string Place(string operand) => IsState(operand) ? State(operand) : scratch($"Vector{operand.ToUpperInvariant()}");

        string State(string name) => VectorText.At("state", StateOffset(name));

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

    private void WriteStep(StepPlan step, StagePlan? stage, Func<StageBuffer, string> place, string lengths = "call.Lengths")
    {
        if (step.Product is { } product)
        {
            var operand = place(OperandBuffer(step.Stage!));
            if (_layout.AddsToGates(step.Stage!))
            {
                var gates = ForwardPlace(_layout.Gates);
                writer.Call(
                    product.Forward.Name,
                    [operand, VectorText.At("call.Packed", product.Forward.PackedOffset), gates, $"{_layout.GateStride}", gates, "batch", "first + t"]);
            }
            else
            {
                Multiply(product, operand, $"m.Gates{step.Stage!.Name}", "batch", "first + t");
            }
        }
        else
        {
            writer.Call(stage!.Name, [.. stage.Buffers.Select(place), "batch", lengths, "first + t"]);
        }
    }

    private void WriteBackwardStep(BackwardStepPlan step)
    {
        if (step.Pointwise is { } stage)
        {
            writer.Call(stage.Name, [.. stage.Buffers.Select(BackwardPlace), "batch", "call.Lengths", "first + t"]);
            return;
        }

        var (p, product) = (step.Stage!, step.Product!.Backward);
        var isState = IsState(p.OperandName);
        var target = isState ? $"d{p.OperandName}" : BackwardPlace(_layout.VectorGradient(p.OperandName));
        var (start, stride) = isState ? (target, product.OutputStride) : (VectorText.At("call.PackedBackward", model.ZeroOffset), 0);
        writer.Call(product.Name, [BackwardPlace(_layout.GradientOf(p)), VectorText.At("call.PackedBackward", product.PackedOffset), start, $"{stride}", target, "batch", "first + t"]);
    }

    private void WriteWeightGradients(bool accumulatesInput)
    {
        var input = plan.Input;
        var x = $"{At("from", SimdTarget.Stride(_node.Input.Width))}";
        var dx = VectorText.Address($"m.{MemoryPlan.Gradient(_node.Input)}", x);
        var (start, stride) = accumulatesInput ? (dx, input.Backward.OutputStride) : (VectorText.At("call.PackedBackward", model.ZeroOffset), 0);
        var isModelInput = _node.Input == model.Graph.Input;
        using (isModelInput ? writer.Block("if (call.InputGradient != null)") : default(SourceWriter.Scope?))
        {
            writer.Call(input.Backward.Name, ["m.GateGradients", VectorText.At("call.PackedBackward", input.Backward.PackedOffset), start, $"{stride}", dx, "count * batch", "0"]);
        }

        if (isModelInput)
        {
            writer.Line();
        }

        writer.Call(input.Outer.Name, ["m.GateGradients", VectorText.Address(Value(_node.Input), x), $"m.{input.WeightGradient}", "count * batch"]);
        SumBias(input, "m.GateGradients", _layout.GateStride);
        foreach (var (stage, product) in plan.Products)
        {
            var rows = _layout.AddsToGates(stage) ? "m.GateGradients" : $"m.GateGradients{stage.Name}";
            var first = IsState(stage.OperandName) && _node.Reverse ? "(from + 1)" : "from";
            var operand = VectorText.Address($"m.{Name}{stage.OperandName.ToUpperInvariant()}", At(first, _layout.OperandStride(stage)));
            writer.Call(product.Outer.Name, [rows, operand, $"m.{product.WeightGradient}", "count * batch"]);
            SumBias(product, rows, _layout.StepStride(stage));
        }
    }

    private void SumBias(LayerProduct product, string rows, int stride)
    {
        if (product.Biases.Count > 0)
        {
            writer.Line($"RowOps.AddColumnSums({rows}, {stride}, count * batch, {product.Columns}, m.{product.BiasGradient});");
        }
    }

    private void Multiply(LayerProduct product, string input, string output, string rows, string turn) => writer.Call(
        product.Forward.Name,
        [input, VectorText.At("call.Packed", product.Forward.PackedOffset), VectorText.At("call.Packed", product.StartOffset), "0", output, rows, turn]);

    private IDisposable Chunks(bool descending)
    {
        writer.Line("int chunk = ChunkSteps(steps, call.Batch);");
        var scope = writer.Block("for (int start = 0; start < steps; start += chunk)");
        writer.Line("int count = Math.Min(chunk, steps - start);");
        writer.Line(descending ? "int from = steps - start - count;" : "int from = start;");
        return scope;
    }

    private IDisposable Steps(bool descending)
    {
        var scope = writer.Block(descending ? "for (int k = count - 1; k >= 0; k--)" : "for (int k = 0; k < count; k++)");
        writer.Line("int t = from + k;");
        return scope;
    }

    private void States(string memory)
    {
        foreach (var state in _node.Cell.States)
        {
            writer.Line($"float* {state.Name} = {VectorText.PerSample(memory, StateOffset(state.Name))};");
        }
    }

    private void CopyStates(bool toTape)
    {
        foreach (var state in _node.Cell.States)
        {
            var stride = _layout.StateStride(state.Name);
            var tape = VectorText.Address($"m.{Name}{state.Name.ToUpperInvariant()}", toTape == _node.Reverse ? At("steps", stride) : "");
            var outside = VectorText.PerSample("call.State", StateOffset(state.Name));
            writer.Line($"RowOps.Copy({(toTape ? outside : tape)}, {stride}, {(toTape ? tape : outside)}, {stride}, batch, {stride});");
        }
    }

    private StageBuffer OperandBuffer(ProductStage stage) =>
        IsState(stage.OperandName) ? _layout.PreviousState(stage.OperandName) : _layout.Vector(stage.OperandName);

    private string RunPlace(StageBuffer buffer)
    {
        foreach (var state in _node.Cell.States.Where(s => buffer == _layout.PreviousState(s.Name) || buffer == _layout.NextState(s.Name)))
        {
            return state.Name;
        }

        foreach (var (name, _) in _layout.Vectors.Where(v => buffer == _layout.Vector(v.Name)))
        {
            return $"m.Vector{name.ToUpperInvariant()}";
        }

        return ForwardPlace(buffer);
    }

    private string TapePlace(StageBuffer buffer)
    {
        foreach (var state in _node.Cell.States)
        {
            var tape = $"m.{Name}{state.Name.ToUpperInvariant()}";
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
            return isOperand ? VectorText.Address($"m.{Name}{name.ToUpperInvariant()}", At("t", buffer.Stride)) : $"m.Vector{name.ToUpperInvariant()}";
        }

        return buffer == _layout.Saved ? VectorText.Address($"m.{Name}Saved", At("t", buffer.Stride)) : ForwardPlace(buffer);
    }

    private string ForwardPlace(StageBuffer buffer)
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

    private string BackwardPlace(StageBuffer buffer)
    {
        if (buffer == _layout.GateGradient)
        {
            return VectorText.Address("m.GateGradients", At("k", buffer.Stride));
        }

        if (buffer == _layout.OutputGradient)
        {
            return VectorText.Address($"m.{MemoryPlan.Gradient(_node.Output!)}", VectorText.Add(At("t", buffer.Stride), $"{_node.Column}"));
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
            return $"m.{Name}Peephole{gate.ToUpperInvariant()}Gradient";
        }

        return TapePlace(buffer);
    }

    private bool IsState(string name) => _node.Cell.States.Any(s => s.Name == name);

    private int StateOffset(string name) => model.StateOffset(_node.States[_node.Cell.States.ToList().FindIndex(s => s.Name == name)]);

    private static string Value(Value value) => $"m.{MemoryPlan.Name(value)}";

    private static string At(string step, int stride) => $"{step} * batch * {stride}";
}
