using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the methods of recurrent layers: what is before and after a time loop, and the loop.</summary>
/// <param name="plan">The model's plan.</param>
/// <param name="axes">The locals of its axes.</param>
/// <param name="methods">Where the methods go.</param>
/// <param name="file">The texts of those that are new.</param>
internal sealed class LayerEmitter(ModelPlan plan, AxisText axes, MethodTable methods, List<string> file)
{
    private static readonly string[] s_parameters = ["in ModelCall call", "in Memory m", "int first", "int steps"];
    private static readonly string[] s_arguments = ["call", "m", "first", "steps"];

    /// <summary>Inference: the state is updated in place.</summary>
    public void AddRun(Layer layer)
    {
        var row = Add(layer, Setting.RowLoop, "RunRow", $"{ShapeOf(layer.Node)}, of one sequence",
            (writer, places) => WriteRunRow(writer, places, layer));
        methods.Add(layer.Node, Setting.Run, Add(layer, Setting.RunLoop, "Run", ShapeOf(layer.Node), (writer, places) =>
        {
            using (writer.Block("if (call.Batch == 1)"))
            {
                places.Call(row, s_arguments).Write(writer);
                writer.Line("return;");
            }

            writer.Line();
            writer.Line("nint batch = call.Batch;");
            WriteLoop(writer, places, layer.Loop!, layer.Loop!.Body, plan.PairOf(layer.Node));
        }));
    }

    /// <summary>Training: states, operands and gate values of every step stay on the tape.</summary>
    public void AddForward(Layer layer) => AddTraining(layer, Setting.Forward, $"{ShapeOf(layer.Node)}, and the tape");

    public void AddBackward(Layer layer) =>
        AddTraining(layer, Setting.Backward,
            $"gradients of x, of the initial state and of the weights, from those of {ShapeOf(layer.Node)}");

    private static string ShapeOf(RecurrentNode node) =>
        $"{(node.Reverse ? "from the last step to the first, " : "")}h[T, B, {node.Cell.States[0].Size}] from x[T, B, {node.Input.Width}]";

    /// <summary>One method: its body is written first, and so says which pointers it takes.</summary>
    private LayerMethod Add(Layer layer, Setting setting, string part, string summary, Action<SourceWriter, PlaceText> write)
    {
        var node = layer.Node;
        var places = new PlaceText(plan, axes, methods, setting, node);
        var name = methods.Add(file, $"{node.Spec.Kind.Name}{node.Input.Width}x{node.Cell.Units}{part}",
            (writer, name) =>
            {
                var body = new SourceWriter(writer.Indent + writer.MethodIndent);
                write(body, places);
                writer.Line();
                writer.Line($"/// <summary>{node.Spec.Kind.Name} layer: {summary}.</summary>");
                using (writer.Method($"private static void {name}",
                    [.. s_parameters, .. places.Parameters.Select(p => $"float* {p.Name}")]))
                {
                    writer.Written(body);
                }
            });
        return new LayerMethod(name, [.. places.Parameters]);
    }

    private void AddTraining(Layer layer, Setting pass, string summary) =>
        methods.Add(layer.Node, pass, Add(layer, Setting.TrainingLoop, $"{pass}", summary, (writer, places) =>
        {
            writer.Line("nint batch = call.Batch;");
            var before = true;
            foreach (var instruction in layer.Instructions)
            {
                if (instruction is TimeLoop loop)
                {
                    WriteLoop(writer, places, loop, loop.Body, pass == Setting.Forward ? plan.PairOf(layer.Node) : null);
                    before = false;
                    continue;
                }

                if (!before && layer.Instructions.OfType<CopyRows>().Any())
                {
                    before = true;
                    writer.Line();
                }

                Write(writer, places, instruction);
            }
        }));

    /// <summary>Inference of one sequence: product and cell in one where they can be.</summary>
    private void WriteRunRow(SourceWriter writer, PlaceText places, Layer layer)
    {
        var (node, row) = (layer.Node, plan.RowOf(layer.Node));
        writer.Line("const int batch = 1;");
        var body = row.OfLoop(layer.Loop!.Body);
        if (OutputOf(layer) is { } output)
        {
            writer.Line("int past = call.Lengths == null ? 0 : Math.Clamp(first + steps - call.Lengths[0], 0, steps);");
            writer.Line("steps -= past;");
            new Call("RowOps.Clear", [
                places.Spell(output with { Step = new(StepOrigin.End) }), $"{places.Stride(output)}", "past",
                $"{Blocks.Of(node.Cell.States[0].Size, plan.Target).Padded}"]).Write(writer);
        }
        else
        {
            writer.Line("steps = call.Lengths == null ? steps : Math.Clamp(call.Lengths[0] - first, 0, steps);");
        }

        foreach (var other in row.Others)
        {
            writer.Line($"float* other{other.Part.ToUpperInvariant()} = {places.Spell(new(other))};");
            places.Point(other, $"other{other.Part.ToUpperInvariant()}");
        }

        WriteLoop(writer, places, layer.Loop!, body);
        foreach (var other in row.Others)
        {
            // The last value may stand in the second place.
            var stride = plan.Stride(other);
            writer.Line();
            using (writer.Block($"if ({other.Part} == m.{plan.Names.Of(other)})"))
            {
                new Call("RowOps.Copy",
                    [other.Part, $"{stride}", $"other{other.Part.ToUpperInvariant()}", $"{stride}", "1", $"{stride}"]).Write(writer);
            }
        }
    }

    /// <summary>Where a layer's loop leaves its output; null where it has none.</summary>
    private static Place? OutputOf(Layer layer) => layer.Loop!.Body.OfType<Stage>()
        .SelectMany(s => s.Kernel.Operands.Zip(s.Places, (o, p) => (o, p))).Where(x => x.o.Role == OperandRole.Output)
        .Select(x => (Place?)x.p).FirstOrDefault();

    private static void WriteLoop(
        SourceWriter writer, PlaceText places, TimeLoop loop, IReadOnlyList<Instruction> body, PairPlan? pair = null)
    {
        // Inference may have weights that are read in another way.
        var (x, h) = pair is not null && PairPlan.Parts(loop) is { } parts && places.Weights[parts.X.Weights].Forward == pair.X
            ? parts
            : default((Multiply?, Multiply?));
        var isLarge = $"batch >= {PairPlan.LeastRows}";
        var chunk = "ChunkSteps(steps, call.Batch)";
        writer.Line(x is null ? $"int chunk = {chunk};" : $"int chunk = {isLarge} ? 1 : {chunk};");
        using (writer.Block("for (int start = 0; start < steps; start += chunk)"))
        {
            writer.Line("int count = Math.Min(chunk, steps - start);");
            writer.Line(loop.IsDescending ? "int from = steps - start - count;" : "int from = start;");
            foreach (var instruction in loop.Before)
            {
                Write(writer, places, instruction, instruction == x ? $"batch < {PairPlan.LeastRows}" : null);
            }

            using (writer.Block(loop.IsDescending ? "for (int k = count - 1; k >= 0; k--)" : "for (int k = 0; k < count; k++)"))
            {
                writer.Line("int t = from + k;");
                foreach (var instruction in body)
                {
                    Write(writer, places, instruction, instruction == h ? $"batch < {PairPlan.LeastRows}" : null);
                    if (x is not null && h is not null && instruction == h)
                    {
                        Write(writer, places, new MultiplyBoth(pair!, x.Weights, x.In, h.Weights, h.In, h.Out), isLarge);
                    }
                }
            }

            if (loop.After.Count > 0)
            {
                writer.Line();
            }

            foreach (var instruction in loop.After)
            {
                Write(writer, places, instruction);
                if (instruction is IfInputGradient)
                {
                    writer.Line();
                }
            }
        }
    }

    private static void Write(SourceWriter writer, PlaceText places, Instruction instruction, string? condition = null)
    {
        foreach (var call in new InstructionText(places).Spell(instruction))
        {
            (condition is null ? call : call with { Condition = condition }).Write(writer);
        }

        if (instruction is FusedRow { Plan.Replaced: { } state })
        {
            var other = $"other{state.ToUpperInvariant()}";
            writer.Line($"float* last{state.ToUpperInvariant()} = {state};");
            writer.Line($"{state} = {other};");
            writer.Line($"{other} = last{state.ToUpperInvariant()};");
        }
    }
}
