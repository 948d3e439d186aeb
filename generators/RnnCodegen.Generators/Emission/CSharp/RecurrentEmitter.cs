using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes a recurrent layer's time loops: inference, training and backward.</summary>
internal sealed class RecurrentEmitter(SourceWriter writer, ModelPlan model, RecurrentPlan plan)
{
    private readonly RecurrentNode _node = plan.Recurrent;
    private readonly CellLayout _layout = plan.Layout;
    private readonly RecurrentPlaces _places = new(model, plan);

    private string Name => _node.Name;

    private string Shape => $"{(_node.Reverse ? "from the last step to the first, " : "")}h[T, B, {_node.Cell.States[0].Size}] from x[T, B, {_node.Input.Width}]";

    /// <summary>Inference: the state is updated in place.</summary>
    public void WriteRun()
    {
        writer.Line();
        writer.Line($"/// <summary>{Name}: {Shape}.</summary>");
        using (writer.Method($"private static void {plan.Names["Run"]}(in ModelCall call, in Memory m, int first, int steps)"))
        {
            using (writer.Block("if (call.Batch == 1)"))
            {
                writer.Line($"{plan.Names["RunRow"]}(call, m, first, steps);");
                writer.Line("return;");
            }

            writer.Line();
            writer.Line("nint batch = call.Batch;");
            States("call.State");
            using (Chunks(_node.Reverse))
            {
                Multiply(plan.Input, VectorText.Address(_places.Value(_node.Input), RecurrentPlaces.At("from", SimdTarget.Stride(_node.Input.Width))), "m.Gates", "count * batch", "0");
                using (Steps(_node.Reverse))
                {
                    foreach (var step in plan.Steps)
                    {
                        WriteStep(step, step.Run, _places.Run);
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
        using (writer.Method($"private static void {plan.Names["RunRow"]}(in ModelCall call, in Memory m, int first, int steps)"))
        {
            writer.Line("const int batch = 1;");
            if (_node.Output is { } output)
            {
                writer.Line("int past = call.Lengths == null ? 0 : Math.Clamp(first + steps - call.Lengths[0], 0, steps);");
                writer.Line("steps -= past;");
                writer.Line($"RowOps.Clear({VectorText.Address(_places.Value(output), VectorText.Add(RecurrentPlaces.At("steps", SimdTarget.Stride(output.Width)), $"{_node.Column}"))}, {SimdTarget.Stride(output.Width)}, past, {_layout.BlocksOf(_node.Cell.States[0].Size).Padded});");
            }
            else
            {
                writer.Line("steps = call.Lengths == null ? steps : Math.Clamp(call.Lengths[0] - first, 0, steps);");
            }

            States("call.State");
            foreach (var state in replaced)
            {
                writer.Line($"float* other{state.ToUpperInvariant()} = m.{KernelNames.Other(state)};");
            }

            using (Chunks(_node.Reverse))
            {
                Multiply(plan.Input, VectorText.Address(_places.Value(_node.Input), RecurrentPlaces.At("from", SimdTarget.Stride(_node.Input.Width))), "m.Gates", "count", "0");
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
                            WriteStep(step, step.Run, _places.Run, "null");
                        }
                    }
                }
            }

            foreach (var state in replaced)
            {
                var stride = _layout.StateStride(state);
                using (writer.Block($"if ({state} == m.{KernelNames.Other(state)})"))
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
                _places.Forward(_layout.Gates), .. fused.HasOwnStart ? [VectorText.At("call.Packed", fused.Hidden.StartOffset)] : Array.Empty<string>(),
                _places.Run(_places.Operand(fused.Product)), VectorText.At("call.Packed", fused.Hidden.Forward.PackedOffset),
                .. fused.Stage.Buffers.Select(b => b == next ? other : _places.Run(b)), "first + t",
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
        using (writer.Method($"private static void {plan.Names["Forward"]}(in ModelCall call, in Memory m, int first, int steps)"))
        {
            writer.Line("nint batch = call.Batch;");
            CopyStates(toTape: true);
            using (Chunks(_node.Reverse))
            {
                Multiply(plan.Input, VectorText.Address(_places.Value(_node.Input), RecurrentPlaces.At("from", SimdTarget.Stride(_node.Input.Width))), "m.Gates", "count * batch", "0");
                using (Steps(_node.Reverse))
                {
                    foreach (var step in plan.Steps)
                    {
                        WriteStep(step, step.Forward, _places.Tape);
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
        using (writer.Method($"private static void {plan.Names["Backward"]}(in ModelCall call, in Memory m, int first, int steps)"))
        {
            writer.Line("nint batch = call.Batch;");
            foreach (var state in _node.Cell.States)
            {
                writer.Line($"float* d{state.Name} = {VectorText.PerSample("call.StateGradient", _places.StateOffset(state.Name))};");
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

    private void WriteStep(StepPlan step, StagePlan? stage, Func<StageBuffer, string> place, string lengths = "call.Lengths")
    {
        if (step.Product is { } product)
        {
            var operand = place(_places.Operand(step.Stage!));
            if (_layout.AddsToGates(step.Stage!))
            {
                var gates = _places.Forward(_layout.Gates);
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
            var low = stage.HasSums ? [$"{model.Memory.VectorGradientsLength}"] : Array.Empty<string>();
            writer.Call(stage.Name, [.. stage.Buffers.Select(_places.Backward), "batch", "call.Lengths", "first + t", .. low]);
            return;
        }

        var (p, product) = (step.Stage!, step.Product!.Backward);
        var isState = _places.IsState(p.OperandName);
        var target = isState ? $"d{p.OperandName}" : _places.Backward(_layout.VectorGradient(p.OperandName));
        var (start, stride) = isState ? (target, product.OutputStride) : (VectorText.At("call.PackedBackward", model.ZeroOffset), 0);
        writer.Call(product.Name, [_places.Backward(_layout.GradientOf(p)), VectorText.At("call.PackedBackward", product.PackedOffset), start, $"{stride}", target, "batch", "first + t"]);
    }

    private void WriteWeightGradients(bool accumulatesInput)
    {
        var input = plan.Input;
        var x = $"{RecurrentPlaces.At("from", SimdTarget.Stride(_node.Input.Width))}";
        var dx = VectorText.Address(_places.Gradient(_node.Input), x);
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

        writer.Call(input.Outer.Name, ["m.GateGradients", VectorText.Address(_places.Value(_node.Input), x), $"m.{input.WeightGradient}", "count * batch", "m.Low"]);
        SumBias(input, "m.GateGradients", _layout.GateStride);
        foreach (var (stage, product) in plan.Products)
        {
            var rows = _layout.AddsToGates(stage) ? "m.GateGradients" : $"m.GateGradients{stage.Name}";
            var first = _places.IsState(stage.OperandName) && _node.Reverse ? "(from + 1)" : "from";
            var operand = VectorText.Address($"m.{plan.Names.Field(stage.OperandName.ToUpperInvariant())}", RecurrentPlaces.At(first, _layout.OperandStride(stage)));
            writer.Call(product.Outer.Name, [rows, operand, $"m.{product.WeightGradient}", "count * batch", "m.Low"]);
            SumBias(product, rows, _layout.StepStride(stage));
        }
    }

    private void SumBias(LayerProduct product, string rows, int stride)
    {
        if (product.Biases.Count > 0)
        {
            writer.Line($"RowOps.AddColumnSums({rows}, {stride}, count * batch, {product.Columns}, m.{product.BiasGradient}, {model.Memory.VectorGradientsLength});");
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
            writer.Line($"float* {state.Name} = {VectorText.PerSample(memory, _places.StateOffset(state.Name))};");
        }
    }

    private void CopyStates(bool toTape)
    {
        foreach (var state in _node.Cell.States)
        {
            var stride = _layout.StateStride(state.Name);
            var tape = VectorText.Address($"m.{plan.Names.Field(state.Name.ToUpperInvariant())}", toTape == _node.Reverse ? RecurrentPlaces.At("steps", stride) : "");
            var outside = VectorText.PerSample("call.State", _places.StateOffset(state.Name));
            writer.Line($"RowOps.Copy({(toTape ? outside : tape)}, {stride}, {(toTape ? tape : outside)}, {stride}, batch, {stride});");
        }
    }
}
