using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Spells primitives: each is a function of the runtime.</summary>
internal sealed class PrimitiveText(PlaceText places)
{
    public Call Spell(Instruction instruction) => instruction switch
    {
        Lookup l => places.Call("RowOps.Gather", Tokens(), Count(l.Rows), At(l.Table), $"{l.Width}", Matrix(l.Out)),
        LookupColumn l => places.Call("RowOps.GatherColumn", Matrix(l.Ids), Count(l.Rows), At(l.Table), $"{l.Width}", Matrix(l.Out)),
        FillMask f => places.Call(
            "DropoutMask.FillSteps", At(f.Mask), "call", Steps(f.Rows), $"{places.Stride(f.Mask)}", $"{f.Stream}",
            VectorText.Literal(f.Probability)),
        ReverseSteps r => places.Call(
            r.Adds ? "RowOps.AddReversedSteps" : "RowOps.ReverseSteps", Matrix(r.From), Matrix(r.To), Steps(r.Rows), "call.Batch",
            $"{r.Width}", places.Lengths(r.Rows)),
        GatherWindows w => places.Call(
            "TimeWindows.Gather", Sequence(w.In, w.InRows, w.Window.Input), Window(w.Window), History(w.History), places.Lengths(w.InRows),
            places.First(w.InRows), Matrix(w.Out), Steps(w.OutRows)),
        CarryWindows w => places.Call(
            "TimeWindows.Carry", Sequence(w.In, w.InRows, w.Window.Input), $"{w.Window.Window.PadLeft}", History(w.History),
            places.Lengths(w.InRows), places.First(w.InRows)),
        CarryWindowsBack w => places.Call(
            "TimeWindows.CarryBackward", History(w.HistoryGradient), Sequence(w.InGradient, w.InRows, w.Window.Input),
            $"{w.Window.Window.PadLeft}", places.Lengths(w.InRows)),
        ScatterWindows w => places.Call(
            "TimeWindows.ScatterAdd", Matrix(w.OutGradient), Steps(w.OutRows), Window(w.Window),
            Sequence(w.InGradient, w.InRows, w.Window.Input), History(w.HistoryGradient), places.Lengths(w.InRows)),
        GatherInRows g => places.Call("RowWindows.Gather", Matrix(g.In), Count(g.Rows), Window(g.Window), Matrix(g.Out)),
        ScatterInRows s => places.Call(
            "RowWindows.ScatterAdd", Matrix(s.OutGradient), Count(s.Rows), Window(s.Window), Matrix(s.InGradient)),
        JoinWindows j => places.Call("RowWindows.Join", Matrix(j.In), Count(j.Rows), $"{j.Windows}", $"{j.Filters}", Matrix(j.Out)),
        SplitWindows s => places.Call(
            "RowWindows.Split", Matrix(s.OutGradient), Count(s.Rows), $"{s.Windows}", $"{s.Filters}", Matrix(s.InGradient)),
        PoolWindows p => places.Call("WindowPool.Forward", $"Pooling.{p.Pooling}", Matrix(p.In), $"{p.Size}", Matrix(p.Out), Count(p.Rows),
            $"{p.Width}"),
        PoolWindowsBack p => places.Call(
            "WindowPool.Backward", $"Pooling.{p.Pooling}", Matrix(p.OutGradient), At(p.In), Matrix(p.InGradient), $"{p.Size}",
            Count(p.Rows), $"{p.Width}"),
        PoolSteps p => places.Call(
            "SequencePool.Add", $"SequencePooling.{p.Pooling}", places.OrNull(p.Weights), Sequence(p.In, p.Rows, p.Width),
            places.Lengths(p.Rows), places.First(p.Rows), Matrix(p.State)),
        FinishPool p => places.Call("SequencePool.Finish", $"SequencePooling.{p.Pooling}", Matrix(p.State), Matrix(p.Out), Count(p.Rows),
            $"{p.Width}"),
        PoolStepsBack p => places.Call(
            "SequencePool.Backward", $"SequencePooling.{p.Pooling}", places.OrNull(p.Weights), Sequence(p.In, p.Rows, p.Width),
            places.Lengths(p.Rows), Matrix(p.State), At(p.Out),
            Matrix(p.OutGradient), Matrix(p.InGradient), p.WeightsGradient is { } w ? $"{At(w)}, {places.VectorLow}" : "null"),
        Attend a => places.Call(
            "MemoryAttention.Forward", "call", Scores(a.Node, a.ScoreWeight), Matrix(a.Query), Steps(a.Rows), PlaceText.Batch(a.Rows),
            places.Lengths(a.Rows), places.First(a.Rows), Matrix(a.Out), places.OrNull(a.Statistics),
            $"{places.Plan.PlaceOf(a.Node)}"),
        AttendBack a => places.Call(
            "MemoryAttention.Backward", "call", Scores(a.Node, a.ScoreWeight), Matrix(a.Query), Steps(a.Rows), "call.Batch",
            places.Lengths(a.Rows), At(a.Out), Matrix(a.OutGradient),
            At(a.Statistics), At(a.QueryGradient), places.OrNull(a.ScoreWeightGradient), Doubles(a.Sums)),
        AttendKeysBack a => places.Call(
            "MemoryAttention.KeysBackward", "call", $"{places.Plan.KeyStart(a.Node)}", $"{a.Node.KeyWidth}", $"{a.Node.Spec.Memory}",
            At(a.KeyWeight), At(a.KeyWeightGradient), Doubles(a.Sums)),
        AddLookupGradient a => places.Call(
            "RowOps.ScatterAdd", Ids("call.Tokens", a.Column), Ids("call.TokenLinks", a.Column), "(nint)call.Steps * call.Batch",
            Matrix(a.Out),
            PlaceText.At("call.Gradients", places.Plan.Parameters[a.Table]), $"{a.Width}", "share", "shares"),
        _ => throw new InvalidOperationException($"{instruction.GetType().Name} has no spelling."),
    };

    private string Doubles(Place place) => $"(double*){At(place)}";

    private static string Flag(bool value) => value ? "true" : "false";

    private string At(Place place) => places.Spell(place);

    private string Matrix(Place place) => places.Matrix(place);

    private string Count(Rows rows) => places.Count(rows);

    private string Steps(Rows rows) => places.Steps(rows);

    private string Window(WindowNode node) => places.Plan.Names.Window(node);

    private static string Window(RowWindowSpec w) =>
        $"new RowWindow({w.Channels}, {w.Length}, {w.Size}, {w.Stride}, {w.Dilation}, {w.PadLeft}, {w.Positions}, {Flag(w.Mirrors)})";

    private string Tokens() => places.Setting == Setting.Step
        ? "call.Tokens"
        : $"&call.Tokens[{places.Use("first")} * {places.Use("batch")}]";

    private static string Ids(string ids, int column) => column == 0 ? ids : $"&{ids}[{column} * (nint)call.Steps * call.Batch]";

    private string History(Place? history) => history is { } h ? Matrix(h) : "null, 0";

    private string Sequence(Place rows, Rows count, Value value) => Sequence(rows, count, value.Width);

    private string Sequence(Place rows, Rows count, int width) => $"{Matrix(rows)}, {Steps(count)}, {PlaceText.Batch(count)}, {width}";

    /// <summary>How rows are scored: the function, where the keys are, and what they are summed with.</summary>
    private string Scores(AttentionNode a, Place? weight) =>
        $"AttentionScore.{a.Spec.Score}, {places.Plan.KeyStart(a)}, {a.KeyWidth}, {places.OrNull(weight)}, {a.Spec.Memory}";
}
