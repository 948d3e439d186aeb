using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes a stage: a method that walks the rows, and in each the units, vector by vector, as often as its sums need it.</summary>
internal sealed class StageEmitter(SourceWriter writer, ActivationAccuracyKind accuracy)
{
    private static readonly Dictionary<Expr, string> s_none = [];

    public void Write(StagePlan stage)
    {
        writer.Line();
        writer.Line($"/// <summary>{stage.Summary}</summary>");
        var parameters = stage.Buffers.Select(b => $"float* {b.Name}").Append("nint rows");
        if (stage.ObeysLengths)
        {
            parameters = parameters.Append("int* lengths").Append("int t");
        }

        if (stage.HasSums)
        {
            parameters = parameters.Append("nint low");
        }

        using (writer.Method($"internal static void {stage.Name}({string.Join(", ", parameters)})"))
        {
            if (stage.HasSpareLanes && stage.ClearsSpareLanes)
            {
                writer.Line($"var {StageBody.Inside} = {VectorText.Inside(stage.Blocks.Tail, stage.TailUnits)};");
            }

            if (stage.ColumnStores is { Count: > 0 } ofColumns)
            {
                WriteColumns(stage, ofColumns);
            }

            if (stage.RowStores is { Count: > 0 } ofRows)
            {
                writer.Line();
                WriteRows(stage, ofRows);
            }
        }
    }

    /// <summary>The equations of one vector of units, at the pointers' first floats, whose sums stand in registers.</summary>
    /// <param name="stage">The equations.</param>
    /// <param name="lanes">Units of the vector.</param>
    /// <param name="register">The local that holds each sum.</param>
    public void WriteEquations(StagePlan stage, int lanes, Func<int, string> register) =>
        new StageBody(writer, accuracy, stage, new StageVector(lanes, Index.At(0), false), s_none, null, register).Store(stage.Stores);

    /// <summary>A method of the equations of one row, whose units depend on no others and whose sums stand in its first buffer.</summary>
    public void WriteRow(StagePlan stage)
    {
        writer.Line();
        writer.Line($"/// <summary>{stage.Summary}</summary>");

        // Inlined into the time loop, its constants would be loaded again at each step.
        writer.Line("[@MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]");
        using (writer.Method($"internal static void {stage.Name}", [.. stage.Buffers.Select(b => $"float* {b.Name}")]))
        {
            var rest = WriteFirst(stage);
            Each(rest, vector => new StageBody(writer, accuracy, rest, vector, s_none, null).Store(rest.Stores), rest != stage);
        }
    }

    /// <summary>The walks for functions that come first, where there are such; returns the stage after them.</summary>
    private StagePlan WriteFirst(StagePlan stage)
    {
        foreach (var walk in stage.FirstWalks)
        {
            Each(stage, vector => new StageBody(writer, accuracy, stage, vector, s_none, null).Store(walk), isOneOfSeveral: true);
            writer.Line();
        }

        return stage.FirstFunctions is { Count: > 0 } first ? stage.With(first) : stage;
    }

    /// <summary>Row by row, with all walks along each.</summary>
    private void WriteRows(StagePlan stage, IReadOnlyList<StageStore> stores)
    {
        using (writer.Block("for (nint b = 0; b < rows; b++)"))
        {
            WriteSkip(stage);
            var (numbers, held) = (new Dictionary<Expr, string>(), stage.Held);
            for (var walk = 0; walk < stage.Walks.Reductions.Count; walk++)
            {
                WriteNumbers(stage, walk, numbers, null);
                var own = held?.Walk == walk ? held : null;
                new ReductionEmitter(writer, accuracy, stage, own).Write(stage.Walks.Reductions[walk], numbers);
                stage = own is null ? stage : stage.With(own);
            }

            WriteNumbers(stage, stage.Walks.Reductions.Count, numbers, null);
            foreach (var store in stores.Where(s => s.Value.IsOfRow && s.Target.Buffer.Name == StageBody.Statistics))
            {
                writer.Line($"{StageBody.Statistics}[{store.Target.Slot}] = (float){numbers[store.Value]};");
            }

            var rest = WriteFirst(stage);
            var vectors = stores.Where(s => s.Target.Buffer.Name != StageBody.Statistics && s.Value != held?.Value).ToArray();
            Each(rest, vector => new StageBody(writer, accuracy, rest, vector, numbers, null).Store(vectors),
                isOneOfSeveral: stage.Walks.Reductions.Count > 0 || rest != stage);
            writer.Line();
            Advance(stage);
        }
    }

    /// <summary>Sums over a few rows at a time, in registers: vector by vector of units, and in each row by row.</summary>
    private void WriteColumns(StagePlan stage, IReadOnlyList<StageStore> stores)
    {
        var sums = stores.Where(s => s.IsSum).Select((s, i) => (Store: s, Local: $"sum{i}")).ToArray();
        using (writer.Block($"for (nint first = 0; first < rows; first += {stage.RowsPerSum})"))
        {
            writer.Line($"nint end = first + {stage.RowsPerSum} < rows ? first + {stage.RowsPerSum} : rows;");
            Each(stage, vector =>
            {
                foreach (var (_, local) in sums)
                {
                    writer.Line($"{VectorText.Type(vector.Lanes)} {local} = {VectorText.Zero(vector.Lanes)};");
                }

                using (writer.Block("for (nint b = first; b < end; b++)"))
                {
                    var numbers = new Dictionary<Expr, string>();
                    WriteNumbers(stage, 0, numbers, "b");
                    new StageBody(writer, accuracy, stage, vector, numbers, "b").Store(
                        stores, store => sums.First(s => s.Store == store).Local);
                }

                foreach (var (store, local) in sums)
                {
                    var target = new StageBody(writer, accuracy, stage, vector, s_none, null).Address(store);
                    writer.Line($"VectorMath.AddTo({local}, {target}, low);");
                }
            });
        }
    }

    /// <summary>Numbers of a row that are known before a walk.</summary>
    private void WriteNumbers(StagePlan stage, int walk, Dictionary<Expr, string> numbers, string? row)
    {
        foreach (var e in stage.Walks.Numbers[walk])
        {
            var isNamed = stage.Names.TryGetValue(e, out var name);
            var isKept = stage.Loads.ContainsKey(e);
            var text = new RowNumbers(stage, numbers, row).Spell(e);
            if (isNamed && !isKept)
            {
                writer.Line($"// {stage.Text.Of(name!.Name, e, n => KnownName(stage, numbers, n))}");
            }

            var local = isNamed ? name!.Name : $"number{numbers.Count}";
            writer.Line($"{(isKept ? "float" : "double")} {local} = {text};");
            numbers.Add(e, local);
        }
    }

    private static string? KnownName(StagePlan stage, Dictionary<Expr, string> numbers, Expr e) =>
        stage.Names.TryGetValue(e, out var name) && (numbers.ContainsKey(e) || stage.Loads.ContainsKey(e)) ? name.Name : null;

    /// <summary>Each vector of units: in a loop, or written out where there is one.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="write">Writes what is done with a vector.</param>
    /// <param name="isOneOfSeveral">Whether the row is walked before, in scopes whose locals have the same names.</param>
    private void Each(StagePlan stage, Action<StageVector> write, bool isOneOfSeveral = false)
    {
        var blocks = stage.Blocks;
        if (blocks.Full > blocks.Lanes)
        {
            using (writer.Block($"for (nint u = 0; u < {blocks.Full}; u += {blocks.Lanes})"))
            {
                write(new StageVector(blocks.Lanes, Index.Of("u"), false));
            }
        }
        else if (blocks.Full > 0)
        {
            WriteBlock(new StageVector(blocks.Lanes, Index.At(0), false), isOneOfSeveral || blocks.Tail > 0, blocks.Lanes - 1, write);
        }

        if (blocks.Tail > 0)
        {
            writer.Line();
            var tail = new StageVector(blocks.Tail, Index.At(blocks.Full), stage.HasSpareLanes);
            WriteBlock(tail, isOneOfSeveral || blocks.Full > 0, stage.Size - 1, write);
        }
    }

    private void WriteBlock(StageVector vector, bool ownScope, int last, Action<StageVector> write)
    {
        if (ownScope)
        {
            using (writer.Block($"// units {vector.Unit.Number} to {last}"))
            {
                write(vector);
            }
        }
        else
        {
            write(vector);
        }
    }

    /// <summary>On a row past its sample's length, states stay, and what others will read is zero.</summary>
    private void WriteSkip(StagePlan stage)
    {
        if (!stage.ObeysLengths)
        {
            return;
        }

        using (writer.Block("if (lengths != null && t >= lengths[b])"))
        {
            foreach (var (from, to) in stage.Kept)
            {
                writer.Line($"RowOps.Copy({from.Name}, {from.Stride}, {to.Name}, {to.Stride}, 1, {from.Stride});");
            }

            foreach (var buffer in stage.Cleared)
            {
                var width = buffer.Name == StagePlan.Output ? stage.Blocks.Padded : buffer.Stride;
                writer.Line($"RowOps.Clear({buffer.Name}, {buffer.Stride}, 1, {width});");
            }

            Advance(stage);
            writer.Line("continue;");
        }

        writer.Line();
    }

    private void Advance(StagePlan stage)
    {
        foreach (var buffer in stage.Buffers.Where(b => b.Stride > 0))
        {
            writer.Line($"{buffer.Name} = &{buffer.Name}[{buffer.Stride}];");
        }
    }
}
