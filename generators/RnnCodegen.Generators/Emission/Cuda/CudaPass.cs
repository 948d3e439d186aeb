using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.Generators.Specs;
using Buffer = RnnCodegen.Generators.Lowering.Buffer;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>Writes the instructions of a kernel: each is a loop of the block's threads, and a barrier.</summary>
/// <param name="writer">Receives them.</param>
/// <param name="plan">The plan.</param>
/// <param name="offsetOf">Where a tensor starts among the parameters.</param>
/// <param name="scope">In what the instructions are.</param>
internal sealed partial class CudaPass(SourceWriter writer, DevicePlan plan, Func<string, int> offsetOf, KernelScope scope)
{
    private readonly ModelProgram _program = plan.Program;

    private bool IsStep => scope.IsStep;

    public void Write(IEnumerable<Instruction> instructions)
    {
        foreach (var instruction in instructions)
        {
            Write(instruction);
        }
    }

    /// <summary>A number of rows of this block.</summary>
    private string Count(Rows rows) => rows.Times > 1 ? $"({Count(rows.Each(1))} * {rows.Times})" : rows.Kind switch
    {
        RowsKind.Steps => $"({StepsOf(rows.Axis!)} * part.count)",
        RowsKind.Samples => "part.count",
        RowsKind.Chunk => "(chunkSteps * part.count)",
        _ => $"({rows.Count} * part.count)",
    };

    private string StepsOf(TimeAxis axis) => IsStep ? $"(call.steps / {axis.Scale})" : $"steps{AxisIndex(axis)}";

    private int AxisIndex(TimeAxis axis) => _program.Graph.Axes.ToList().IndexOf(axis);

    /// <summary>Valid steps of a sample on an axis.</summary>
    private string Valid(Rows rows, string sample) => IsStep || rows.Kind != RowsKind.Steps
        ? $"({Count(rows)} / part.count)"
        : $"valid{AxisIndex(rows.Axis!)}(call, {sample})";

    private static int Width(Buffer buffer) => buffer.Shape.Size * buffer.Shape.Parts;

    public static int Width(Place place) => Width(place.Buffer);

    /// <summary>A pointer to a place's first row of the batch.</summary>
    public string At(Place place)
    {
        var buffer = place.Buffer;
        if (buffer.Role == BufferRole.Tensor)
        {
            return $"(call.parameters + {offsetOf((string)buffer.Owner) + place.Column})";
        }

        var index = _program.Buffers.ToList().IndexOf(buffer);
        if (buffer.Role == BufferRole.VectorGradient)
        {
            return $"(call.buffers[{index}] + slice * {Width(buffer)} + {place.Column})";
        }

        var step = place.Step.Origin switch
        {
            StepOrigin.Step => "step", StepOrigin.StepOfChunk => "stepOfChunk", StepOrigin.Chunk => "chunk",
            StepOrigin.End => StepsOf(buffer.Axis!), _ => "",
        };
        step = place.Step.After == 0 ? step : step.Length == 0 ? $"{place.Step.After}" : $"({step} + {place.Step.After})";
        return step.Length == 0 && place.Column == 0 ? $"call.buffers[{index}]"
            : step.Length == 0 ? $"(call.buffers[{index}] + {place.Column})"
            : $"(call.buffers[{index}] + (size_t){step} * part.batch * {Width(buffer)} + {place.Column})";
    }

    private void Write(Instruction instruction)
    {
        using (writer.Block(""))
        {
            WriteOne(instruction);
        }

        writer.Line("__syncthreads();");
    }

    private void WriteOne(Instruction instruction)
    {
        switch (instruction)
        {
            case Multiply m:
                WriteMultiply(m);
                break;
            case MultiplyBack m:
                WriteMultiplyBack(m);
                break;
            case Stage s:
                var pointers = s.Kernel.Operands.Zip(s.Places, (operand, place) => (operand, place))
                    .ToDictionary(pair => pair.operand, pair => (At(pair.place), Width(pair.place)));
                new CudaStage(writer, s, pointers, Count(s.Rows), Past(s)).Write();
                break;
            case Copy c:
                Each(c.Rows, c.Width, c.From, c.To, c.Adds ? "to += from;" : "to = from;");
                break;
            case CopyRows c:
                Each(c.Rows, Width(c.To), c.From, c.To, "to = from;");
                break;
            case Clear c:
                EachOf(c.Rows, Width(c.Place), c.Place, "to = 0.f;");
                break;
            case ClearPastLengths c:
                EachOf(c.Rows, c.Width, c.Place, $"if (i / {c.Width} / part.count >= {Valid(c.Rows, "r % part.batch")}) to = 0.f;");
                break;
            default:
                WritePrimitive(instruction);
                break;
        }
    }

    private void Each(Rows rows, int width, Place from, Place to, string statement)
    {
        writer.Line($"const float* const source = {At(from)};");
        EachOf(rows, width, to, $"const float from = source[(size_t)r * {Width(from)} + k]; {statement}");
    }

    private void EachOf(Rows rows, int width, Place to, string statement)
    {
        writer.Line($"float* const target = {At(to)};");
        using (writer.Block($"EACH(i, {Count(rows)} * {width})"))
        {
            writer.Line($"const int r = part.at(i / {width}), k = i % {width};");
            writer.Line($"float& to = target[(size_t)r * {Width(to)} + k];");
            writer.Line(statement);
        }
    }

    /// <summary>Where a tensor starts among the parameters.</summary>
    public int OffsetOf(string tensor) => offsetOf(tensor);

    /// <summary>Whether sample r is past its length at a step; null where lengths are not obeyed.</summary>
    public string? Past(Stage stage) =>
        stage.Kernel.ObeysLengths && scope.Loop is { } loop ? $"step >= valid{AxisIndex(loop.Axis)}(call, r)" : null;

    /// <summary>Declares the step that the n-th of a chunk is.</summary>
    public void WriteStepNumbers() =>
        writer.Line($"const int stepOfChunk = {(scope.Loop!.IsDescending ? "chunkSteps - 1 - n" : "n")}, step = chunk + stepOfChunk;");

    /// <summary>The steps of a chunk, within the kernel.</summary>
    public void WriteSteps(IEnumerable<Instruction> body)
    {
        using (writer.Block("for (int n = 0; n < chunkSteps; n++)"))
        {
            WriteStepNumbers();
            Write(body);
        }
    }

    /// <summary>The tensor's row that makes a column of a product.</summary>
    private static string RowOf(Weights w, string column)
    {
        var isInOrder = w.Blocks.Select((block, i) => block == i).All(isSame => isSame);
        return isInOrder ? column : $"({Pick(w.Blocks, $"{column} / {w.Units}")} * {w.Units} + {column} % {w.Units})";
    }

    private static string Pick(IReadOnlyList<int> values, string index)
    {
        var text = $"{values[values.Count - 1]}";
        for (var i = values.Count - 2; i >= 0; i--)
        {
            text = $"{index} == {i} ? {values[i]} : {text}";
        }

        return values.Count == 1 ? text : $"({text})";
    }

    private void WriteMultiply(Multiply m)
    {
        var (w, columns) = (m.Weights, Columns(m.Weights));
        DeclareProduct(m);
        using (writer.Block($"EACH(i, {Count(m.Rows)} * {columns})"))
        {
            writer.Line($"const int r = part.at(i / {columns}), c = i % {columns};");
            writer.Line($"const float* const x = in + (size_t)r * {Width(m.In)}, * const row = weights + {RowOf(w, "c")} * {w.Inputs};");
            writer.Line($"float& y = out[(size_t)r * {Width(m.Out)} + c];");
            writer.Line($"float sum = {Start(m)};");
            writer.Line($"for (int k = 0; k < {w.Inputs}; k++) sum += x[k] * row[k];");
            writer.Line("y = sum;");
        }
    }

    private void WriteMultiplyBack(MultiplyBack m)
    {
        var w = m.Weights;
        DeclareProduct(m);
        using (writer.Block($"EACH(i, {Count(m.Rows)} * {w.Inputs})"))
        {
            writer.Line($"const int r = part.at(i / {w.Inputs}), k = i % {w.Inputs};");
            writer.Line($"float& x = in[(size_t)r * {Width(m.In)} + k];");
            writer.Line($"float sum = {(m.Adds ? "x" : "0.f")};");
            writer.Line($"const float* const y = out + (size_t)r * {Width(m.Out)};");
            writer.Line($"for (int c = 0; c < {Columns(w)}; c++) sum += y[c] * weights[{RowOf(w, "c")} * {w.Inputs} + k];");
            writer.Line("x = sum;");
        }
    }
}
