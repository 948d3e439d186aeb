using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

/// <summary>
/// The walks along a row that a kernel needs: all but the last make sums of the row's values, and their like, of which the next walks need
/// numbers.
/// </summary>
/// <param name="Reductions">What each walk but the last adds up.</param>
/// <param name="Numbers">Numbers of the row that are known before each walk, in order, each once.</param>
/// <param name="Before">How often a row is walked before a value is known.</param>
internal sealed record RowWalks(
    IReadOnlyList<IReadOnlyList<Expr>> Reductions, IReadOnlyList<IReadOnlyList<Expr>> Numbers, IReadOnlyDictionary<Expr, int> Before)
{
    public static RowWalks Of(
        IReadOnlyList<KernelStore> stores, IReadOnlyDictionary<Expr, IReadOnlyList<OperandSlot>> loads,
        IReadOnlyDictionary<Expr, NodeName> names)
    {
        var before = new Dictionary<Expr, int>();
        var uses = new Dictionary<Expr, int>();
        foreach (var store in stores)
        {
            Visit(store.Value);
            Use(store.Value, ofRow: false);
        }

        var count = before.Keys.Where(IsReduced).Select(e => before[e]).DefaultIfEmpty(0).Max();
        return new RowWalks(
            [.. Enumerable.Range(1, count).Select(walk => Among(e => IsReduced(e) && before[e] == walk))],
            [.. Enumerable.Range(0, count + 1).Select(walk => Among(
                e => e.IsOfRow && before[e] == walk && !IsReduced(e) && (names.ContainsKey(e) || uses[e] > 1)))],
            before);

        IReadOnlyList<Expr> Among(Func<Expr, bool> isOne) => [.. before.Keys.Where(isOne).OrderBy(e => e.Id)];

        bool IsReduced(Expr e) => e.Op.IsReduction && !loads.ContainsKey(e);

        int Visit(Expr e)
        {
            if (!before.TryGetValue(e, out var walksBefore))
            {
                if (!loads.ContainsKey(e))
                {
                    foreach (var argument in e.Arguments)
                    {
                        walksBefore = Math.Max(walksBefore, Visit(argument));
                        Use(argument, e.IsOfRow && !e.Op.IsReduction);
                    }

                    walksBefore += e.Op.IsReduction ? 1 : 0;
                }

                before.Add(e, walksBefore);
            }

            return walksBefore;
        }

        // A number that vectors are computed with is computed once, and not once a vector.
        void Use(Expr e, bool ofRow) => uses[e] = (uses.TryGetValue(e, out var n) ? n : 0) + (ofRow ? 1 : 2);
    }
}
