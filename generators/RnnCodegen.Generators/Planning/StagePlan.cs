using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Planning;

/// <summary>Memory that a pointwise stage reads or writes, a row a sample.</summary>
/// <param name="Name">Parameter name in the generated method.</param>
/// <param name="Stride">Floats from one row to the next; 0 for vectors that all rows share.</param>
/// <param name="Slots">Vectors that alternate, block by block of units: the gates of a product; 1 for a plain row.</param>
internal sealed record StageBuffer(string Name, int Stride, int Slots = 1)
{
    /// <summary>Not memory: the sums that a fused product leaves in registers.</summary>
    public static readonly StageBuffer Registers = new("registers", 0);
}

/// <summary>One vector of a buffer.</summary>
internal readonly record struct StageSlot(StageBuffer Buffer, int Slot);

/// <summary>Writes a value, or adds it: to what is there, or to a sum over all rows, which may have a low part.</summary>
internal sealed record StageStore(StageSlot Target, Expr Value, bool Accumulates = false, bool IsSum = false);

/// <summary>A function's result, which one walk along a row leaves where later ones read it.</summary>
/// <param name="Value">The result.</param>
/// <param name="Walk">The walk that computes it.</param>
/// <param name="Slot">Where it stands until its row is done.</param>
internal sealed record HeldValue(Expr Value, int Walk, StageSlot Slot);

/// <summary>A stage of a cell, laid out: where each leaf comes from and each result goes.</summary>
/// <param name="Name">Method name.</param>
/// <param name="Summary">What the method's summary says.</param>
/// <param name="Size">Units.</param>
/// <param name="Blocks">The same, cut into vectors.</param>
/// <param name="Buffers">The method's pointer parameters, in order.</param>
/// <param name="Loads">Leaves; where a leaf is the sum of two vectors there are two places.</param>
/// <param name="Stores">Results, in order.</param>
/// <param name="Kept">On a row past its sample's length: (from, to) copies, so that a state stays as it was.</param>
/// <param name="Cleared">On such a row: buffers set to zero.</param>
/// <param name="Names">What equations call their nodes.</param>
/// <param name="Text">Prints equations.</param>
/// <param name="ObeysLengths">Whether rows past their sample's length are such.</param>
/// <param name="Walks">How its rows are walked.</param>
internal sealed record StagePlan(
    string Name,
    string Summary,
    int Size,
    Blocks Blocks,
    IReadOnlyList<StageBuffer> Buffers,
    IReadOnlyDictionary<Expr, IReadOnlyList<StageSlot>> Loads,
    IReadOnlyList<StageStore> Stores,
    IReadOnlyList<(StageBuffer From, StageBuffer To)> Kept,
    IReadOnlyList<StageBuffer> Cleared,
    IReadOnlyDictionary<Expr, NodeName> Names,
    EquationText Text,
    bool ObeysLengths,
    RowWalks Walks)
{
    /// <summary>Whether the registers hold the constants of one function, and not those of two.</summary>
    public bool TakesOneFunctionAWalk { get; init; }

    /// <summary>Sums that nobody reads after the stage, where its functions may go; null for none.</summary>
    public StageBuffer? Scratch { get; init; }

    /// <summary>The parameter of the rows that a layer makes, which may be those that it reads.</summary>
    public const string Output = "output";

    /// <summary>Whether it adds to sums over all rows.</summary>
    public bool HasSums => Stores.Any(s => s.IsSum);

    /// <summary>
    /// Rows that are added up in registers before they join a sum over all rows, where columns are walked on the outside for that; 0 where
    /// sums are added to row by row. A time loop has a few rows at a time; the other layers have those of all steps.
    /// </summary>
    public int RowsPerSum => ObeysLengths || !Stores.Any(IsOfColumns) ? 0 : 64;

    /// <summary>Values of a row that are added up in single precision, before they join a sum of double precision.</summary>
    public const int ValuesPerSum = 1024;

    /// <summary>What is computed with columns outside: sums over rows, and all else where no row has to be walked before.</summary>
    public IReadOnlyList<StageStore> ColumnStores =>
        RowsPerSum == 0 ? [] : Walks.Reductions.Count == 0 ? Stores : [.. Stores.Where(IsOfColumns)];

    /// <summary>What is computed row by row.</summary>
    public IReadOnlyList<StageStore> RowStores => [.. Stores.Except(ColumnStores)];

    /// <summary>Lanes of the last vector of a row that are units; the others are kept out of sums, and are zero in what is made.</summary>
    public int TailUnits => Size - Blocks.Full;

    /// <summary>Whether the last vector of a row has lanes that are no units.</summary>
    public bool HasSpareLanes => TailUnits < Blocks.Tail;

    /// <summary>Whether a store leaves zeros behind a row, for layers that read its vectors whole.</summary>
    public bool ClearsSpareLanes => !ObeysLengths || Walks.Reductions.Count > 0;

    /// <summary>
    /// A function that several walks need and the first of them computes; null where there is none, or no place for it: its own, where
    /// it is kept, or the output's, where later walks need nothing else of the row, whose argument may have stood there.
    /// </summary>
    public HeldValue? Held
    {
        get
        {
            var walks = Walks.Reductions;
            for (var walk = 0; walk < walks.Count; walk++)
            {
                var stores = RowStores.Where(s => !s.Value.IsOfRow).ToList();
                var later = walks.Skip(walk + 1).SelectMany(w => w).SelectMany(r => r.Arguments).Concat(stores.Select(s => s.Value))
                    .ToList();
                foreach (var e in FunctionsOf(walks[walk].SelectMany(r => r.Arguments)))
                {
                    if (later.Any(v => FunctionsOf([v]).Contains(e)) && PlaceOf(e, stores, later) is { } slot)
                    {
                        return new(e, walk, slot);
                    }
                }
            }

            return null;
        }
    }

    /// <summary>Functions that are computed of a unit, without those that only compare.</summary>
    public int Functions => FunctionsOfStores.Count();

    /// <summary>The same, after the walk that leaves a value.</summary>
    public StagePlan With(HeldValue held) => With([new StageStore(held.Slot, held.Value)]);

    /// <summary>The same, after a walk that leaves values where later ones read them.</summary>
    public StagePlan With(IReadOnlyList<StageStore> done)
    {
        var loads = Loads.ToDictionary(l => l.Key, l => l.Value);
        foreach (var store in done)
        {
            loads[store.Value] = [store.Target];
        }

        return this with { Loads = loads };
    }

    /// <summary>
    /// Functions that a walk of its own takes of all units first, each to where its sum stood: those that wait for no others, where others
    /// wait for them. The units of a walk wait for nothing in turn, so many are under way at a time; a chain of two functions a unit would
    /// leave a processor less to do meanwhile. None without <see cref="Scratch"/>, for a row of one vector, and for sums of other uses.
    /// </summary>
    public IReadOnlyList<StageStore> FirstFunctions
    {
        get
        {
            var functions = FunctionsOfStores.ToList();
            var first = functions.Where(e => !FunctionsOf(e.Arguments).Any()).ToList();
            if (Scratch is null || Blocks.Vectors < 2 || first.Count == functions.Count)
            {
                return [];
            }

            var slots = first.ToDictionary(e => e, e => LoadsOf(e).Where(s => s.Buffer == Scratch).ToList());
            var uses = LoadsOf(Stores.Select(s => s.Value).ToArray(), first).Concat(slots.Values.SelectMany(s => s)).ToLookup(s => s);
            return
                [.. first.Where(e => slots[e].Count == 1 && uses[slots[e][0]].Count() == 1).Select(e => new StageStore(slots[e][0], e))];
        }
    }

    /// <summary>
    /// The walks that take such functions: one, or where <see cref="TakesOneFunctionAWalk"/> one for each that there is, whatever it is of.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<StageStore>> FirstWalks =>
        [.. FirstFunctions.GroupBy(s => TakesOneFunctionAWalk ? s.Value.Op : null).Select(walk => walk.ToList())];

    /// <summary>The places that some values read, each value's once, without those behind other values.</summary>
    private IEnumerable<StageSlot> LoadsOf(Expr value) => LoadsOf([value], []);

    private IEnumerable<StageSlot> LoadsOf(IReadOnlyList<Expr> values, IReadOnlyList<Expr> without)
    {
        var seen = new HashSet<Expr>(without);
        var open = new Queue<Expr>(values);
        while (open.Count > 0)
        {
            var e = open.Dequeue();
            if (!seen.Add(e))
            {
                continue;
            }

            if (Loads.TryGetValue(e, out var slots))
            {
                foreach (var slot in slots)
                {
                    yield return slot;
                }

                continue;
            }

            foreach (var argument in e.Arguments)
            {
                open.Enqueue(argument);
            }
        }
    }

    /// <summary>The same, with the sums of a product in memory in place of registers.</summary>
    public StagePlan WithSumsIn(StageBuffer buffer) => this with
    {
        Buffers = [buffer, .. Buffers],
        Scratch = buffer,
        Loads = Loads.ToDictionary(l => l.Key, l => (IReadOnlyList<StageSlot>)[
            .. l.Value.Select(s => s.Buffer == StageBuffer.Registers ? s with { Buffer = buffer } : s)]),
    };

    private IEnumerable<Expr> FunctionsOfStores => FunctionsOf(Stores.Select(s => s.Value)).Where(e => e.Op != Op.Flush);

    private StageSlot? PlaceOf(Expr e, List<StageStore> stores, List<Expr> later)
    {
        var free = stores.Where(s => !s.Accumulates && !s.IsSum && s.Target.Buffer.Stride > 0).ToList();
        var kept = free.FirstOrDefault(s => s.Value == e && s.Target.Buffer.Name != Output);
        var seen = new HashSet<Expr>();
        return kept?.Target ?? (stores.Count == 1 && free.Count == 1 && later.All(NeedsOnly) ? free[0].Target : null);

        // Each expression once, however many use it.
        bool NeedsOnly(Expr v) => v == e || v.IsOfRow || !seen.Add(v)
            || (Loads.TryGetValue(v, out var slots) ? slots.All(s => s.Buffer.Stride == 0) : v.Arguments.All(NeedsOnly));
    }

    /// <summary>The functions of vectors that a walk computes for some values, outer ones first.</summary>
    private IEnumerable<Expr> FunctionsOf(IEnumerable<Expr> values)
    {
        var seen = new HashSet<Expr>();
        var open = new Queue<Expr>(values);
        while (open.Count > 0)
        {
            var e = open.Dequeue();
            if (e.IsOfRow || Loads.ContainsKey(e) || !seen.Add(e))
            {
                continue;
            }

            if (e.Op.IsNonlinear)
            {
                yield return e;
            }

            foreach (var argument in e.Arguments)
            {
                open.Enqueue(argument);
            }
        }
    }

    /// <summary>Whether a store is a sum over rows for which columns can be walked on the outside.</summary>
    private bool IsOfColumns(StageStore store) => store.IsSum && Walks.Before[store.Value] == 0;
}
