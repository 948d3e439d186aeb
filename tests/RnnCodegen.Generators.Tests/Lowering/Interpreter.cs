using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using Buffer = RnnCodegen.Generators.Lowering.Buffer;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>
/// Runs programs in double precision, instruction by instruction, as naively as it can be done: an engine that knows neither nodes nor
/// machines. What it gets wrong is a fault of lowering.
/// </summary>
/// <param name="memory">The matrices.</param>
/// <param name="pass">The shape of the pass.</param>
internal sealed partial class Interpreter(ProgramMemory memory, PassShape pass)
{
    private int _step;
    private int _stepOfChunk;
    private int _chunk;
    private int _chunkSteps;
    private int[]? _loopLengths;
    private int _loopFirst;

    /// <summary>Gradients of tensors, added to.</summary>
    public Dictionary<string, double[]> Gradients { get; init; } = [];

    /// <summary>The masks of dropouts: by stream, rows, columns and probability.</summary>
    public Func<int, int, int, double, double[]>? DropoutMask { get; init; }

    public required Attention Attention { get; init; }

    public int[]? Tokens { get; init; }

    public void Run(IEnumerable<Instruction> instructions)
    {
        foreach (var instruction in instructions)
        {
            Run(instruction);
        }
    }

    private void Run(Instruction instruction)
    {
        switch (instruction)
        {
            case Layer l:
                Run(l.Instructions);
                break;
            case TimeLoop l:
                RunLoop(l);
                break;
            case IfInputGradient i:
                Run(i.Instruction);
                break;
            case Multiply m:
                RunMultiply(m);
                break;
            case MultiplyBack m:
                RunMultiplyBack(m);
                break;
            case AddWeightGradients w:
                RunWeightGradients(w);
                break;
            case Stage s:
                RunStage(s);
                break;
            case Copy c:
                Each(c.Rows, c.Width, View(c.From), View(c.To), (ref double to, double from) => to = c.Adds ? to + from : from);
                break;
            case CopyRows c:
                Each(c.Rows, ProgramMemory.Width(c.To.Buffer), View(c.From), View(c.To), (ref double to, double from) => to = from);
                break;
            case Clear c:
                Each(c.Rows, ProgramMemory.Width(c.Place.Buffer), View(c.Place), View(c.Place), (ref double to, double _) => to = 0);
                break;
            case ClearPadding:
                // Nothing is behind a row here.
                break;
            case ClearPastLengths c:
                var row = View(c.Place);
                EachPast(c.Rows, r => row.Row(r, c.Width).Clear());
                break;
            default:
                RunPrimitive(instruction);
                break;
        }
    }

    private delegate void Change(ref double to, double from);

    private delegate void ChangeAt(ref double to, double from, int row, int column);

    private void Each(Rows rows, int width, RowsView from, RowsView to, Change change) =>
        EachAt(rows, width, from, to, (ref double target, double source, int _, int _) => change(ref target, source));

    private void EachAt(Rows rows, int width, RowsView from, RowsView to, ChangeAt change)
    {
        for (var r = 0; r < Count(rows); r++)
        {
            for (var k = 0; k < width; k++)
            {
                change(ref to[r, k], from[r, k], r, k);
            }
        }
    }

    private void EachPast(Rows rows, Action<int> action)
    {
        var lengths = Lengths(rows);
        for (var r = 0; r < Count(rows) && lengths is not null; r++)
        {
            if (First(rows) + (r / pass.Batch) >= lengths[r % pass.Batch])
            {
                action(r);
            }
        }
    }

    private int Count(Rows rows) => rows.Times * (rows.Kind switch
    {
        RowsKind.Steps => pass.StepsOf(rows.Axis!) * pass.Batch,
        RowsKind.Samples => pass.Batch,
        RowsKind.Chunk => _chunkSteps * pass.Batch,
        _ => rows.Count,
    });

    private int Steps(Rows rows) => Count(rows) / pass.Batch;

    private int First(Rows rows) => rows.Kind == RowsKind.Steps ? pass.FirstOf(rows.Axis!) : 0;

    private int[]? Lengths(Rows rows) => rows.Kind == RowsKind.Steps ? pass.LengthsOf(rows.Axis!) : null;

    /// <summary>Valid steps of a sample among those of the pass.</summary>
    private int Valid(Rows rows, int sample) => Lengths(rows) is { } lengths
        ? Math.Clamp(lengths[sample] - First(rows), 0, Steps(rows))
        : Steps(rows);

    private RowsView View(Place place)
    {
        var buffer = place.Buffer;
        var step = place.Step.After + place.Step.Origin switch
        {
            StepOrigin.Step => _step,
            StepOrigin.StepOfChunk => _stepOfChunk,
            StepOrigin.Chunk => _chunk,
            StepOrigin.End => pass.StepsOf(buffer.Axis!),
            _ => 0,
        };

        // The caller's rows are those of the whole sequence.
        step += buffer.Region == Region.Caller && buffer.Rows == RowsPer.Step ? pass.FirstOf(buffer.Axis!) : 0;
        var width = ProgramMemory.Width(buffer);
        return new RowsView(memory.Of(buffer, pass), (step * pass.Batch * width) + place.Column, width);
    }

    private void RunLoop(TimeLoop loop)
    {
        var steps = pass.StepsOf(loop.Axis);
        (_loopLengths, _loopFirst) = (pass.LengthsOf(loop.Axis), pass.FirstOf(loop.Axis));
        for (var start = 0; start < steps; start += PassShape.ChunkSteps)
        {
            _chunkSteps = Math.Min(PassShape.ChunkSteps, steps - start);
            _chunk = loop.IsDescending ? steps - start - _chunkSteps : start;
            Run(loop.Before);
            for (var i = 0; i < _chunkSteps; i++)
            {
                _stepOfChunk = loop.IsDescending ? _chunkSteps - 1 - i : i;
                _step = _chunk + _stepOfChunk;
                Run(loop.Body);
            }

            Run(loop.After);
        }

        _loopLengths = null;
    }

    private void RunMultiply(Multiply m)
    {
        var (w, input, output, inputs, columns) =
            (memory.Parameters[m.Weights.Tensor], View(m.In), View(m.Out), m.Weights.Inputs, Columns(m.Weights));
        for (var r = 0; r < Count(m.Rows); r++)
        {
            var row = input.Row(r, inputs);
            foreach (var (column, tensorRow) in columns)
            {
                var sum = m.Adds ? output[r, column] : m.Weights.Biases.Sum(b => Bias(b, column, m.Weights.Units));
                var weights = w.AsSpan(tensorRow * inputs, inputs);
                for (var k = 0; k < row.Length; k++)
                {
                    sum += row[k] * weights[k];
                }

                output[r, column] = sum;
            }
        }
    }

    private double Bias(BiasShare bias, int column, int units) =>
        bias.Blocks[column / units] is >= 0 and var block ? memory.Parameters[bias.Tensor][(block * units) + (column % units)] : 0;

    private void RunMultiplyBack(MultiplyBack m)
    {
        var (w, output, input, inputs, columns) =
            (memory.Parameters[m.Weights.Tensor], View(m.Out), View(m.In), m.Weights.Inputs, Columns(m.Weights));
        for (var r = 0; r < Count(m.Rows); r++)
        {
            for (var k = 0; k < inputs; k++)
            {
                var sum = m.Adds ? input[r, k] : 0;
                foreach (var (column, row) in columns)
                {
                    sum += output[r, column] * w[(row * inputs) + k];
                }

                input[r, k] = sum;
            }
        }
    }

    private void RunWeightGradients(AddWeightGradients g)
    {
        var (output, input, units) = (View(g.Out), View(g.In), g.Weights.Units);
        var dw = Gradient(g.Weights.Tensor);
        foreach (var (column, row) in Columns(g.Weights))
        {
            for (var r = 0; r < Count(g.Rows); r++)
            {
                var d = output[r, column];
                var x = input.Row(r, g.Weights.Inputs);
                for (var k = 0; k < x.Length; k++)
                {
                    dw[(row * x.Length) + k] += d * x[k];
                }

                foreach (var bias in g.Weights.Biases.Where(b => b.Blocks[column / units] >= 0))
                {
                    Gradient(bias.Tensor)[(bias.Blocks[column / units] * units) + (column % units)] += output[r, column];
                }
            }
        }
    }

    private double[] Gradient(string tensor)
    {
        if (!Gradients.TryGetValue(tensor, out var gradient))
        {
            Gradients.Add(tensor, gradient = new double[memory.Parameters[tensor].Length]);
        }

        return gradient;
    }

    /// <summary>Columns of a product's result, and the row of the tensor that each is made with.</summary>
    private static (int Column, int Row)[] Columns(Weights weights) => [.. Enumerable.Range(0, weights.Blocks.Count * weights.Units)
        .Select(c => (c, (weights.Blocks[c / weights.Units] * weights.Units) + (c % weights.Units)))];

    private void RunStage(Stage stage)
    {
        var kernel = stage.Kernel;
        var views = kernel.Operands.Zip(stage.Places, (o, p) => (o, View(p))).ToDictionary(x => x.o, x => x.Item2);
        var size = kernel.Stage.Size;
        for (var r = 0; r < Count(stage.Rows); r++)
        {
            if (kernel.ObeysLengths && _loopLengths is { } lengths && _loopFirst + _step >= lengths[r])
            {
                foreach (var (from, to) in kernel.Kept)
                {
                    views[from].Row(r, size).CopyTo(views[to].Row(r, size));
                }

                foreach (var operand in kernel.Cleared)
                {
                    views[operand].Row(r, operand.Row.Parts == 1 ? size : operand.Row.Size * operand.Row.Parts).Clear();
                }

                continue;
            }

            // All values first, then all stores: a result may stand where an operand stood.
            var known = new Dictionary<Expr, double[]>();
            double[][] values = [.. kernel.Stores.Select(s => Evaluate(s.Value))];
            foreach (var (store, ofStore) in kernel.Stores.Zip(values))
            {
                for (var u = 0; u < (IsOfRow(store.Target) ? 1 : size); u++)
                {
                    ref var target = ref At(store.Target, u);
                    var value = ofStore[ofStore.Length == 1 ? 0 : u];
                    target = store.Accumulates || store.IsSum ? target + value : value;
                }
            }

            ref double At(OperandSlot slot, int u) => ref views[slot.Operand][
                slot.Operand.IsShared ? 0 : r, IsOfRow(slot) ? slot.Slot : (slot.Slot * slot.Operand.Row.Size) + u];

            // A value a unit, or one number of the row.
            double[] Evaluate(Expr e)
            {
                if (!known.TryGetValue(e, out var value))
                {
                    known.Add(e, value = Compute(e));
                }

                return value;
            }

            double[] Compute(Expr e)
            {
                var result = new double[e.IsOfRow ? 1 : size];
                if (kernel.Loads.TryGetValue(e, out var slots))
                {
                    for (var u = 0; u < result.Length; u++)
                    {
                        foreach (var slot in slots)
                        {
                            result[u] += At(slot, u);
                        }
                    }

                    return result;
                }

                double[][] arguments = [.. e.Arguments.Select(Evaluate)];
                if (e.Op.IsReduction)
                {
                    var row = arguments[0].Length == size ? arguments[0] : [.. Enumerable.Repeat(arguments[0][0], size)];
                    return [e.Op == Op.Sum ? row.Sum() : row.Max()];
                }

                var (rule, ofUnit) = (Scalar.RuleOf(e.Op), new double[arguments.Length]);
                for (var u = 0; u < result.Length; u++)
                {
                    for (var k = 0; k < ofUnit.Length; k++)
                    {
                        ofUnit[k] = arguments[k][arguments[k].Length == 1 ? 0 : u];
                    }

                    result[u] = rule(ofUnit, e.Value);
                }

                return result;
            }
        }

        static bool IsOfRow(OperandSlot slot) => slot.Operand.Role == OperandRole.Statistics;
    }
}
