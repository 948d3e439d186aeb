using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Spells instructions as calls: the table of what each is in C#.</summary>
internal sealed class InstructionText(PlaceText places)
{
    private readonly PrimitiveText _primitives = new(places);

    /// <summary>The calls of instructions, in order.</summary>
    public IEnumerable<Call> Spell(IEnumerable<Instruction> instructions) => instructions.SelectMany(Spell);

    /// <summary>The calls of one instruction: one, as a rule.</summary>
    public IEnumerable<Call> Spell(Instruction instruction) => instruction switch
    {
        Multiply m => [Multiply(m)],
        MultiplyBack m => [MultiplyBack(m)],
        MultiplyPair m => [MultiplyPair(m)],
        MultiplyBoth m => [MultiplyBoth(m)],
        FusedRow f => [FusedRow(f)],
        AddWeightGradients w => WeightGradients(w),
        Stage s => [Stage(s)],
        Copy c => [Copy(c)],
        CopyRows c when c.Rows == Rows.Stream(1) =>
            [places.Call("RowOps.CopyRow", places.Spell(c.From), places.Spell(c.To), $"{places.Stride(c.To)}")],
        CopyRows c => [places.Call("RowOps.Copy", places.Spell(c.From), $"{places.Stride(c.From)}", places.Spell(c.To),
            $"{places.Stride(c.To)}", places.Count(c.Rows), $"{places.Stride(c.To)}")],
        Clear c => [places.Call("RowOps.Clear", places.Spell(c.Place), $"{places.Stride(c.Place)}", places.Count(c.Rows),
            $"{places.Stride(c.Place)}")],
        ClearPadding c => ClearPadding(c),
        ClearPastLengths c => [places.Call(
            "RowOps.ClearPastLengths", places.Spell(c.Place), $"{places.Stride(c.Place)}", places.Steps(c.Rows), places.First(c.Rows),
            "call.Batch", $"{c.Width}", places.Lengths(c.Rows))],
        IfInputGradient i => Spell(i.Instruction).Select(c => c with { Condition = "call.InputGradient != null" }),
        Layer l => [LayerCall(l)],
        _ => [_primitives.Spell(instruction)],
    };

    private Call LayerCall(Layer layer)
    {
        var rows = Rows.Of(layer.Node.Input);
        return places.Call(places.Methods.Of(layer.Node, places.Setting), places.CallOf(rows), "m", places.First(rows), places.Steps(rows));
    }

    /// <summary>A single row has a kernel of its own; products with reduced weights too.</summary>
    private Call Multiply(Multiply m)
    {
        var product = places.Weights[m.Weights];
        var (plan, input, weights) = (product.Forward, places.Spell(m.In), places.Packed(product));
        var output = places.Spell(m.Out);
        var start = m.Adds ? output : places.PackedStart(product);
        return m.Rows is { Kind: RowsKind.Stream, Count: 1 }
            ? places.Call(plan.RowName, input, weights, start, output, places.Turn(m.Rows))
            : places.Call(plan.Name, input, weights, start, m.Adds ? $"{plan.OutputStride}" : "0", output, places.Count(m.Rows),
                places.Turn(m.Rows));
    }

    private Call MultiplyBack(MultiplyBack m)
    {
        var product = places.Weights[m.Weights];
        var plan = product.Backward;
        var target = places.Spell(m.In);
        return places.Call(
            plan.Name, places.Spell(m.Out), places.PackedBackward(product), m.Adds ? target : places.BackwardZeros,
            m.Adds ? $"{plan.OutputStride}" : "0", target, places.Count(m.Rows), places.Turn(m.Rows));
    }

    private Call MultiplyPair(MultiplyPair m)
    {
        var (x, h) = (places.Weights[m.X], places.Weights[m.H]);
        return places.Call(
            m.Name, places.Spell(m.XIn), places.Packed(x), places.Spell(m.HIn), places.Packed(h), places.PackedStart(x),
            places.Spell(m.Out), "call.Turn");
    }

    private Call MultiplyBoth(MultiplyBoth m)
    {
        var (x, h) = (places.Weights[m.X], places.Weights[m.H]);
        return places.Call(
            m.Plan.Name, places.Spell(m.XIn), places.Packed(x), places.Spell(m.HIn), places.Packed(h), places.PackedStart(x),
            places.Spell(m.Out), places.Count(Rows.Samples), places.Turn(Rows.Samples));
    }

    private Call FusedRow(FusedRow f)
    {
        var plan = f.Plan;
        return places.Call(f.Input is null ? plan.RowName : plan.StepName, [
            f.Start is { } start ? places.Spell(start) : places.PackedStart(plan.Input!),
            .. f.Input is { } x ? [places.Spell(x), places.Packed(plan.Input!)] : Array.Empty<string>(),
            .. plan.HasOwnStart ? [places.PackedStart(plan.Hidden)] : Array.Empty<string>(),
            places.Spell(f.Operand), places.Packed(plan.Hidden), .. f.Sums is { } sums ? [places.Spell(sums)] : Array.Empty<string>(),
            .. f.Places.Select(places.Operand), places.IsLoop ? "first + t" : "call.Turn"]);
    }

    private IEnumerable<Call> WeightGradients(AddWeightGradients w)
    {
        var product = places.Weights[w.Weights];
        yield return places.Call(product.Outer.Name, places.Spell(w.Out), places.Spell(w.In),
            places.Gradient(product.WeightGradient, $"dw{product.Part}"), places.Count(w.Rows), "m.Low");
        if (product.Biases.Count > 0)
        {
            // Gates alternate with their padding, block by block.
            var columns = w.Weights.Blocks.Count == 1 ? w.Weights.Units : product.Columns;
            yield return places.Call("RowOps.AddColumnSums", places.Spell(w.Out), $"{places.Stride(w.Out)}", places.Count(w.Rows),
                $"{columns}", places.Gradient(product.BiasGradient, $"db{product.Part}"), places.VectorLow);
        }
    }

    private Call Stage(Stage s)
    {
        var stage = places.Plan.StageOf(s.Kernel);
        IEnumerable<string> lengths = !stage.ObeysLengths ? []
            : places.Setting == Setting.Step ? ["null", "0"]
            : [places.Setting == Setting.RowLoop ? "null" : "call.Lengths", "first + t"];
        return places.Call(stage.Name, [
            .. s.Places.Select(places.Operand), places.Count(s.Rows), .. lengths,
            .. stage.HasSums ? [places.VectorLow] : Array.Empty<string>()]);
    }

    /// <summary>The caller's rows have those of all samples between two steps.</summary>
    private Call Copy(Copy c)
    {
        if (c.Rows == Rows.Stream(1) && !c.Adds)
        {
            return places.Call("RowOps.CopyRow", places.Spell(c.From), places.Spell(c.To), $"{c.Width}");
        }

        if (c.Rows.Kind != RowsKind.Steps || (c.From.Buffer.Region != Region.Caller && c.To.Buffer.Region != Region.Caller))
        {
            return places.Call(c.Adds ? "RowOps.Add" : "RowOps.Copy", places.Matrix(c.From), places.Matrix(c.To), places.Count(c.Rows),
                $"{c.Width}");
        }

        return places.Call("RowOps.CopySteps", [.. Side(c.From), .. Side(c.To), places.Steps(c.Rows), places.Use("batch"), $"{c.Width}"]);

        IEnumerable<string> Side(Place p) => [places.Spell(p), $"{places.Stride(p)}",
            p.Buffer.Region == Region.Caller ? "call.WholeBatch" : places.Use("batch")];
    }

    private IEnumerable<Call> ClearPadding(ClearPadding c)
    {
        var (stride, width) = (places.Stride(c.Place), c.Place.Buffer.Shape.Size);
        return stride == width
            ? []
            : [places.Call("RowOps.Clear", places.Spell(c.Place with { Column = width }), $"{stride}", places.Count(c.Rows),
                $"{stride - width}")];
    }
}
