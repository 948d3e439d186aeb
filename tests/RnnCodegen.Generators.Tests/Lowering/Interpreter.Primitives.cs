using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>The functions that no cell states.</summary>
internal sealed partial class Interpreter
{
    /// <summary>The ids in a column of the whole call.</summary>
    private int[] IdsOf(Place column)
    {
        var ids = View(column);
        return [.. Enumerable.Range(0, Count(Rows.Of((Value)column.Buffer.Owner))).Select(r => (int)ids[r, 0])];
    }

    private void RunPrimitive(Instruction instruction)
    {
        switch (instruction)
        {
            case Lookup l:
                var (table, token) = (View(l.Table), First(l.Rows) * pass.Batch);
                EachAt(l.Rows, l.Width, View(l.Out), View(l.Out),
                    (ref double to, double _, int r, int k) => to = table[0, (Tokens![token + r] * l.Width) + k]);

                break;
            case LookupColumn l:
                var (categories, ids) = (View(l.Table), View(l.Ids));
                EachAt(l.Rows, l.Width, View(l.Out), View(l.Out),
                    (ref double to, double _, int r, int k) => to = categories[0, ((int)ids[r, 0] * l.Width) + k]);

                break;
            case AddLookupGradient a:
                var (dTable, dRows, looked) = (Gradient(a.Table), View(a.Out), Tokens ?? IdsOf(a.Ids!.Value));
                for (var r = 0; r < looked.Length; r++)
                {
                    for (var k = 0; k < a.Width; k++)
                    {
                        dTable[(looked[r] * a.Width) + k] += dRows[r, k];
                    }
                }

                break;
            case FillMask f:
                var mask = DropoutMask is { } masks
                    ? masks(f.Stream, Count(f.Rows), f.Width, f.Probability)
                    : [.. Enumerable.Repeat(1.0, Count(f.Rows) * f.Width)];
                Each(f.Rows, f.Width, new RowsView(mask, 0, f.Width), View(f.Mask), (ref double to, double from) => to = from);
                break;
            case ReverseSteps r:
                RunReverse(r);
                break;
            case GatherWindows or CarryWindows or CarryWindowsBack or ScatterWindows:
                RunWindows(instruction);
                break;
            case GatherInRows or ScatterInRows or JoinWindows or SplitWindows:
                RunInRows(instruction);
                break;
            case PoolWindows or PoolWindowsBack or PoolSteps or FinishPool or PoolStepsBack:
                RunPool(instruction);
                break;
            case Attend a:
                Attention.Forward(a, View(a.Query), View(a.Out), a.Statistics is { } statistics ? View(statistics) : null,
                    a.ScoreWeight is { } w ? View(w) : null, Valid(a.Rows));
                break;
            case AttendBack a:
                Attention.Backward(
                    a, View(a.Query), View(a.Out), View(a.OutGradient), View(a.QueryGradient), a.ScoreWeight is { } s ? View(s) : null,
                    a.ScoreWeightGradient is { } ds ? View(ds) : null, Valid(a.Rows));
                break;
            case AttendKeysBack a:
                Attention.KeysBackward(a, View(a.KeyWeight), View(a.KeyWeightGradient));
                break;
            default:
                throw new InvalidOperationException($"{instruction.GetType().Name} has no meaning.");
        }
    }

    /// <summary>For each row, whether it is a valid step of its sample.</summary>
    private bool[] Valid(Rows rows) => [.. Enumerable.Range(0, Count(rows))
        .Select(r => Lengths(rows) is not { } lengths || First(rows) + (r / pass.Batch) < lengths[r % pass.Batch])];

    private void RunReverse(ReverseSteps reverse)
    {
        var (from, to) = (View(reverse.From), View(reverse.To));
        for (var r = 0; r < Count(reverse.Rows); r++)
        {
            var (step, sample) = (r / pass.Batch, r % pass.Batch);
            var source = Valid(reverse.Rows, sample) - 1 - step;
            for (var k = 0; k < reverse.Width; k++)
            {
                to[r, k] = (reverse.Adds ? to[r, k] : 0) + (source < 0 ? 0 : from[(source * pass.Batch) + sample, k]);
            }
        }
    }

    private void RunWindows(Instruction instruction)
    {
        switch (instruction)
        {
            case GatherWindows g:
                var (y, history) = (View(g.Out), g.History is { } h ? View(h) : (RowsView?)null);
                EachSeen(g.Window, View(g.In), g.InRows, history, g.OutRows, (ref double seen, int r, int k) => y[r, k] = seen,
                    (r, k) => y[r, k] = 0);
                break;
            case ScatterWindows s:
                var (dy, valid) = (View(s.OutGradient), Valid(s.OutRows));
                var dHistory = s.HistoryGradient is { } d ? View(d) : (RowsView?)null;
                EachSeen(s.Window, View(s.InGradient), s.InRows, dHistory, s.OutRows,
                    (ref double seen, int r, int k) => seen += valid[r] ? dy[r, k] : 0, (_, _) => { });
                break;
            case CarryWindows c:
                Carry(c.Window, View(c.In), c.InRows, View(c.History), (ref double history, ref double seen) => history = seen,
                    forwards: true);
                break;
            case CarryWindowsBack c:
                Carry(c.Window, View(c.InGradient), c.InRows, View(c.HistoryGradient),
                    (ref double history, ref double seen) => (seen, history) = (seen + history, 0), forwards: false);
                break;
        }
    }

    /// <summary>Windows inside rows: those of a row stand one after the other.</summary>
    private void RunInRows(Instruction instruction)
    {
        switch (instruction)
        {
            case GatherInRows g:
                var (x, windows) = (View(g.In), View(g.Out));
                EachInRow(g.Window, Count(g.Rows), (row, column, place, term) => windows[row, term] = column < 0 ? 0 : x[place, column]);
                break;
            case ScatterInRows s:
                var (dx, dWindows) = (View(s.InGradient), View(s.OutGradient));
                EachInRow(s.Window, Count(s.Rows), (row, column, place, term) =>
                {
                    if (column >= 0)
                    {
                        dx[place, column] += dWindows[row, term];
                    }
                });
                break;
            case JoinWindows j:
                var (products, y) = (View(j.In), View(j.Out));
                EachAt(j.Rows, j.Filters * j.Windows, y, y, (ref double to, double _, int r, int k) =>
                    to = products[(r * j.Windows) + (k % j.Windows), k / j.Windows]);
                break;
            case SplitWindows s:
                var (dy, dProducts) = (View(s.OutGradient), View(s.InGradient));
                EachAt(s.Rows, s.Filters * s.Windows, dy, dy, (ref double d, double _, int r, int k) =>
                    dProducts[(r * s.Windows) + (k % s.Windows), k / s.Windows] = d);
                break;
        }
    }

    /// <summary>Each term of each window: the window's row, the column of the row that it is, or -1 for none, that row, the term.</summary>
    private static void EachInRow(RowWindowSpec w, int rows, Action<int, int, int, int> action)
    {
        for (var (row, window) = (0, 0); window < rows * w.Positions; window++, row = window / w.Positions)
        {
            for (var term = 0; term < w.Channels * w.Size; term++)
            {
                var place = (window % w.Positions * w.Stride) + (term % w.Size * w.Dilation) - w.PadLeft;
                var image = place < 0 ? -place : place >= w.Length ? w.Length - 1 - (place - (w.Length - 1)) : place;
                var isInside = place == image || w.Mirrors;
                action(window, isInside ? (term / w.Size * w.Length) + image : -1, row, term);
            }
        }
    }

    private delegate void Seen(ref double seen, int row, int column);

    private delegate void Carried(ref double history, ref double seen);

    /// <summary>
    /// Each value that a window sees, with its place in the window's row; those before the sequence are of its history, or missing, as
    /// those past a sample's length are.
    /// </summary>
    private void EachSeen(Generators.Graph.WindowNode node, RowsView x, Rows rows, RowsView? history, Rows windows, Seen seen,
        Action<int, int> missing)
    {
        var w = node.Window;
        for (var r = 0; r < Count(windows); r++)
        {
            var (window, sample) = (r / pass.Batch, r % pass.Batch);
            for (var j = 0; j < w.Size; j++)
            {
                var step = (window * w.Stride) + (j * w.Dilation) - w.PadLeft;
                for (var k = 0; k < node.Input.Width; k++)
                {
                    var column = (k * w.Size) + j;
                    if (step < 0 && history is { } before)
                    {
                        seen(ref before[sample, ((w.PadLeft + step) * node.Input.Width) + k], r, column);
                    }
                    else if (step >= 0 && step < Valid(rows, sample))
                    {
                        seen(ref x[(step * pass.Batch) + sample, k], r, column);
                    }
                    else
                    {
                        missing(r, column);
                    }
                }
            }
        }
    }

    private void Carry(Generators.Graph.WindowNode node, RowsView x, Rows rows, RowsView history, Carried carry, bool forwards)
    {
        var (left, width) = (node.Window.PadLeft, node.Input.Width);
        for (var sample = 0; sample < pass.Batch; sample++)
        {
            var valid = Valid(rows, sample);
            for (var i = 0; i < left && valid > 0; i++)
            {
                var row = forwards ? i : left - 1 - i;
                var step = valid - left + row;
                for (var k = 0; k < width; k++)
                {
                    ref var seen = ref step < 0 ? ref history[sample, ((row + valid) * width) + k] : ref x[(step * pass.Batch) + sample, k];
                    carry(ref history[sample, (row * width) + k], ref seen);
                }
            }
        }
    }

    private void RunPool(Instruction instruction)
    {
        switch (instruction)
        {
            case PoolWindows p:
                var windows = View(p.In);
                EachAt(p.Rows, p.Width, View(p.Out), View(p.Out), (ref double to, double _, int r, int k) =>
                {
                    var values = windows.Row(r, p.Width * p.Size).Slice(k * p.Size, p.Size).ToArray();
                    to = p.Pooling == PoolingKind.Max ? values.Max() : values.Average();
                });
                break;
            case PoolWindowsBack p:
                var (seen, dSeen) = (View(p.In), View(p.InGradient));
                EachAt(p.Rows, p.Width, View(p.OutGradient), View(p.OutGradient), (ref double dy, double _, int r, int k) =>
                {
                    var values = seen.Row(r, p.Width * p.Size).Slice(k * p.Size, p.Size).ToArray();
                    for (var j = 0; j < p.Size; j++)
                    {
                        dSeen[r, (k * p.Size) + j] = p.Pooling == PoolingKind.Max
                            ? j == Array.IndexOf(values, values.Max()) ? dy : 0
                            : dy / p.Size;
                    }
                });
                break;
            case PoolSteps p:
                EachStep(p.Rows, (row, sample) => AddToPool(p, View(p.In).Row(row, p.Width), View(p.State), sample));
                break;
            case FinishPool p:
                var state = View(p.State);
                EachAt(p.Rows, p.Width, View(p.Out), View(p.Out), (ref double to, double _, int r, int k) =>
                    to = state[r, p.Width] == 0 ? 0 : p.Pooling == SequencePoolingKind.Max ? state[r, k] : state[r, k] / state[r, p.Width]);
                break;
            case PoolStepsBack p:
                RunPoolBack(p);
                break;
        }
    }

    private void EachStep(Rows rows, Action<int, int> action)
    {
        for (var r = 0; r < Count(rows); r++)
        {
            if (r / pass.Batch < Valid(rows, r % pass.Batch))
            {
                action(r, r % pass.Batch);
            }
        }
    }

    /// <summary>
    /// The state: maxima and whether there was a step; or sums, their weight and the largest score, whose low parts doubles do not need.
    /// </summary>
    private void AddToPool(PoolSteps p, Span<double> x, RowsView state, int sample)
    {
        var (w, isFirst) = (p.Width, state[sample, p.Width] == 0);
        if (p.Pooling == SequencePoolingKind.Max)
        {
            for (var k = 0; k < w; k++)
            {
                state[sample, k] = isFirst ? x[k] : Math.Max(state[sample, k], x[k]);
            }

            state[sample, w] = 1;
            return;
        }

        var score = 0.0;
        for (var k = 0; k < w && p.Weights is { } weights; k++)
        {
            score += View(weights)[0, k] * x[k];
        }

        var top = isFirst ? score : Math.Max(score, state[sample, w + 1]);
        var (old, share) = (isFirst ? 0 : Math.Exp(state[sample, w + 1] - top), Math.Exp(score - top));
        for (var k = 0; k < w; k++)
        {
            state[sample, k] = (state[sample, k] * old) + (share * x[k]);
        }

        (state[sample, w], state[sample, w + 1]) = ((state[sample, w] * old) + share, top);
    }

    private void RunPoolBack(PoolStepsBack p)
    {
        var (x, state, y, dy, dx, w) = (View(p.In), View(p.State), View(p.Out), View(p.OutGradient), View(p.InGradient), p.Width);
        var given = new HashSet<(int, int)>();
        EachStep(p.Rows, (row, b) =>
        {
            var share = 1 / state[b, w];
            var dScore = 0.0;
            if (p.Weights is { } weights)
            {
                share = Math.Exp(Enumerable.Range(0, w).Sum(k => View(weights)[0, k] * x[row, k]) - state[b, w + 1]) / state[b, w];
                dScore = share * Enumerable.Range(0, w).Sum(k => dy[b, k] * (x[row, k] - y[b, k]));
            }

            for (var k = 0; k < w; k++)
            {
                if (p.Pooling == SequencePoolingKind.Max)
                {
                    dx[row, k] += x[row, k] == state[b, k] && given.Add((b, k)) ? dy[b, k] : 0;
                    continue;
                }

                dx[row, k] += share * dy[b, k];
                if (p.Weights is { } v)
                {
                    dx[row, k] += dScore * View(v)[0, k];
                    View(p.WeightsGradient!.Value)[0, k] += dScore * x[row, k];
                }
            }
        });
    }
}
