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
    public static readonly StageBuffer Registers = new("sums", 0);
}

/// <summary>One vector of a buffer.</summary>
internal readonly record struct StageSlot(StageBuffer Buffer, int Slot);

/// <summary>Writes a value, or adds it: to what is there, or to a sum over all rows, which may have a low part.</summary>
internal sealed record StageStore(StageSlot Target, Expr Value, bool Accumulates = false, bool IsSum = false);

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

    /// <summary>Whether a store is a sum over rows for which columns can be walked on the outside.</summary>
    private bool IsOfColumns(StageStore store) => store.IsSum && Walks.Before[store.Value] == 0;
}
