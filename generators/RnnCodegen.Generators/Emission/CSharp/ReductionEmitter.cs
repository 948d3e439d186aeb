using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes a walk along a row that adds values up, or looks for the largest.</summary>
/// <param name="writer">Receives it.</param>
/// <param name="accuracy">Which functions it uses.</param>
/// <param name="stage">The stage.</param>
/// <param name="held">What it leaves for later walks; null for nothing.</param>
internal sealed class ReductionEmitter(SourceWriter writer, ActivationAccuracyKind accuracy, StagePlan stage, HeldValue? held)
{
    /// <param name="reductions">What becomes of the row's values.</param>
    /// <param name="numbers">The locals that hold numbers of the row; the results join them.</param>
    public void Write(IReadOnlyList<Expr> reductions, Dictionary<Expr, string> numbers)
    {
        var (blocks, most) = (stage.Blocks, StagePlan.ValuesPerSum);
        Reduction[] all = [.. reductions.Select((e, i) => new Reduction(
            e, stage.Names.TryGetValue(e, out var name) ? name.Name : $"{(e.Op == Op.Sum ? "sum" : "most")}{numbers.Count + i}"))];
        foreach (var r in all)
        {
            writer.Line(r.IsSum ? $"double {r.Local} = 0;" : $"float {r.Local} = float.NegativeInfinity;");
        }

        if (blocks.Full > most)
        {
            using (writer.Block($"for (nint part = 0; part < {blocks.Full}; part += {most})"))
            {
                writer.Line($"nint end = part + {most} < {blocks.Full} ? part + {most} : {blocks.Full};");
                WriteLoop("u = part", "end");
            }
        }
        else if (blocks.Full > 0)
        {
            using (writer.Block(""))
            {
                WriteLoop("u = 0", $"{blocks.Full}");
            }
        }

        if (blocks.Tail > 0)
        {
            using (writer.Block($"// units {blocks.Full} to {stage.Size - 1}"))
            {
                Start(blocks.Tail);
                Reduce(new StageVector(blocks.Tail, Index.At(blocks.Full), stage.HasSpareLanes));
                Finish(blocks.Tail);
            }
        }

        foreach (var r in all)
        {
            numbers.Add(r.Expr, r.Local);
        }

        void WriteLoop(string start, string end)
        {
            Start(blocks.Lanes);
            using (writer.Block($"for (nint {start}; u < {end}; u += {blocks.Lanes})"))
            {
                Reduce(new StageVector(blocks.Lanes, Index.Of("u"), false));
            }

            Finish(blocks.Lanes);
        }

        void Start(int lanes)
        {
            foreach (var r in all)
            {
                var value = r.IsSum ? VectorText.Zero(lanes) : VectorText.Broadcast(lanes, r.Local);
                writer.Line($"{VectorText.Type(lanes)} {r.Vector} = {value};");
            }
        }

        void Reduce(StageVector vector) =>
            new StageBody(writer, accuracy, stage, vector, numbers, null).Reduce([.. all.Select(r => (r.Expr, r.Vector))], held);

        void Finish(int lanes)
        {
            foreach (var r in all)
            {
                writer.Line(r.IsSum
                    ? $"{r.Local} += {VectorText.HorizontalSum(lanes, r.Vector)};"
                    : $"{r.Local} = {VectorText.HorizontalLargest(lanes, r.Vector)};");
            }
        }
    }

    private sealed record Reduction(Expr Expr, string Local)
    {
        public bool IsSum => Expr.Op == Op.Sum;

        /// <summary>The local that holds a vector of sums, or of the largest so far.</summary>
        public string Vector => $"{Local}s";
    }
}
