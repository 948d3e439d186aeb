using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the methods of recurrent layers: what is before and after a time loop, and the loop.</summary>
internal sealed class LayerEmitter(SourceWriter writer, ModelPlan plan, AxisText axes)
{
    private const string Parameters = "in ModelCall call, in Memory m, int first, int steps";

    /// <summary>Inference: the state is updated in place.</summary>
    public void WriteRun(Layer layer)
    {
        var node = layer.Node;
        var places = new PlaceText(plan, axes, Setting.RunLoop);
        Begin($"{node.Name}: {ShapeOf(node)}.");
        using (writer.Method($"private static void {plan.Names.Method(node, "Run")}({Parameters})"))
        {
            using (writer.Block("if (call.Batch == 1)"))
            {
                writer.Line($"{plan.Names.Method(node, "RunRow")}(call, m, first, steps);");
                writer.Line("return;");
            }

            writer.Line();
            writer.Line("nint batch = call.Batch;");
            Point(places, node, layer);
            WriteLoop(places, layer.Loop!, layer.Loop!.Body);
        }

        WriteRunRow(layer);
    }

    /// <summary>Training: states, operands and gate values of every step stay on the tape.</summary>
    public void WriteForward(Layer layer)
    {
        Begin($"{layer.Node.Name} in training: {ShapeOf(layer.Node)}, and the tape.");
        WriteTraining(layer, "Forward");
    }

    public void WriteBackward(Layer layer)
    {
        Begin($"{layer.Node.Name}: gradients of x, of the initial state and of the weights.");
        WriteTraining(layer, "Backward");
    }

    private static string ShapeOf(RecurrentNode node) =>
        $"{(node.Reverse ? "from the last step to the first, " : "")}h[T, B, {node.Cell.States[0].Size}] from x[T, B, {node.Input.Width}]";

    private void WriteTraining(Layer layer, string part)
    {
        var places = new PlaceText(plan, axes, Setting.TrainingLoop);
        using (writer.Method($"private static void {plan.Names.Method(layer.Node, part)}({Parameters})"))
        {
            writer.Line("nint batch = call.Batch;");
            var before = true;
            foreach (var instruction in layer.Instructions)
            {
                if (instruction is TimeLoop loop)
                {
                    Point(places, layer.Node, layer);
                    WriteLoop(places, loop, loop.Body);
                    before = false;
                    continue;
                }

                if (!before && layer.Instructions.OfType<CopyRows>().Any())
                {
                    before = true;
                    writer.Line();
                }

                Write(places, instruction);
            }
        }
    }

    /// <summary>Inference of one sequence: product and cell in one where they can be.</summary>
    private void WriteRunRow(Layer layer)
    {
        var (node, row) = (layer.Node, plan.RowOf(layer.Node));
        var places = new PlaceText(plan, axes, Setting.RowLoop);
        Begin($"{node.Name} of one sequence.");
        using (writer.Method($"private static void {plan.Names.Method(node, "RunRow")}({Parameters})"))
        {
            writer.Line("const int batch = 1;");
            var body = row.OfLoop(layer.Loop!.Body);
            if (OutputOf(layer) is { } output)
            {
                writer.Line("int past = call.Lengths == null ? 0 : Math.Clamp(first + steps - call.Lengths[0], 0, steps);");
                writer.Line("steps -= past;");
                new Call("RowOps.Clear", [
                    places.Spell(output with { Step = new(StepOrigin.End) }), $"{places.Stride(output)}", "past", $"{Blocks.Of(node.Cell.States[0].Size, plan.Target).Padded}"]).Write(writer);
            }
            else
            {
                writer.Line("steps = call.Lengths == null ? steps : Math.Clamp(call.Lengths[0] - first, 0, steps);");
            }

            Point(places, node, layer);
            foreach (var other in row.Others)
            {
                writer.Line($"float* other{other.Part.ToUpperInvariant()} = {places.Spell(new(other))};");
                places.Point(other, $"other{other.Part.ToUpperInvariant()}");
            }

            WriteLoop(places, layer.Loop!, body);
            foreach (var other in row.Others)
            {
                // The last value may stand in the second place.
                var stride = plan.Stride(other);
                using (writer.Block($"if ({other.Part} == m.{plan.Names.Of(other)})"))
                {
                    new Call("RowOps.Copy", [other.Part, $"{stride}", $"other{other.Part.ToUpperInvariant()}", $"{stride}", "1", $"{stride}"]).Write(writer);
                }
            }
        }
    }

    /// <summary>Where a layer's loop leaves its output; null where it has none.</summary>
    private static Place? OutputOf(Layer layer) => layer.Loop!.Body.OfType<Stage>()
        .SelectMany(s => s.Kernel.Operands.Zip(s.Places, (o, p) => (o, p))).Where(x => x.o.Role == OperandRole.Output).Select(x => (Place?)x.p).FirstOrDefault();

    /// <summary>States that a loop reads or writes have pointers of the names that the equations know them by.</summary>
    private void Point(PlaceText places, RecurrentNode node, Layer layer)
    {
        var used = ModelProgram.Flatten(layer.Loop!.Body).OfType<Stage>().SelectMany(s => s.Places).Select(p => p.Buffer).Where(b => b.Region == Region.State).Distinct().ToArray();
        foreach (var (state, name) in node.States.Zip(node.Cell.States, (s, c) => (s, c.Name)))
        {
            if (used.FirstOrDefault(b => ReferenceEquals(b.Owner, state)) is { } buffer)
            {
                var pointer = buffer.Role == BufferRole.State ? name : $"d{name}";
                writer.Line($"float* {pointer} = {places.Spell(new(buffer))};");
                places.Point(buffer, pointer);
            }
        }
    }

    private void WriteLoop(PlaceText places, TimeLoop loop, IReadOnlyList<Instruction> body)
    {
        writer.Line("int chunk = ChunkSteps(steps, call.Batch);");
        using (writer.Block("for (int start = 0; start < steps; start += chunk)"))
        {
            writer.Line("int count = Math.Min(chunk, steps - start);");
            writer.Line(loop.IsDescending ? "int from = steps - start - count;" : "int from = start;");
            foreach (var instruction in loop.Before)
            {
                Write(places, instruction);
            }

            using (writer.Block(loop.IsDescending ? "for (int k = count - 1; k >= 0; k--)" : "for (int k = 0; k < count; k++)"))
            {
                writer.Line("int t = from + k;");
                foreach (var instruction in body)
                {
                    Write(places, instruction);
                }
            }

            if (loop.After.Count > 0)
            {
                writer.Line();
            }

            foreach (var instruction in loop.After)
            {
                Write(places, instruction);
                if (instruction is IfInputGradient)
                {
                    writer.Line();
                }
            }
        }
    }

    private void Write(PlaceText places, Instruction instruction)
    {
        foreach (var call in new InstructionText(places).Spell(instruction))
        {
            call.Write(writer);
        }

        if (instruction is FusedRow { Plan.Replaced: { } state })
        {
            var other = $"other{state.ToUpperInvariant()}";
            writer.Line($"float* last{state.ToUpperInvariant()} = {state};");
            writer.Line($"{state} = {other};");
            writer.Line($"{other} = last{state.ToUpperInvariant()};");
        }
    }

    private void Begin(string summary)
    {
        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
    }
}
