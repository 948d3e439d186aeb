using RnnCodegen.Generators.Graph;

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

/// <summary>A pointwise stage, laid out: where each leaf comes from and each result goes.</summary>
/// <param name="Name">Method name.</param>
/// <param name="Summary">What the method's summary says.</param>
/// <param name="Blocks">The units, cut into vectors.</param>
/// <param name="Buffers">The method's pointer parameters, in order.</param>
/// <param name="Loads">Leaves; where a leaf is the sum of two vectors there are two places.</param>
/// <param name="Stores">Results, in order.</param>
/// <param name="Kept">On a row past its sample's length: (from, to) copies, so that a state stays as it was.</param>
/// <param name="Cleared">On such a row: buffers set to zero.</param>
/// <param name="Names">What equations call their nodes.</param>
/// <param name="Text">Prints equations.</param>
/// <param name="ObeysLengths">Whether rows past their sample's length are such.</param>
internal sealed record StagePlan(
    string Name,
    string Summary,
    Blocks Blocks,
    IReadOnlyList<StageBuffer> Buffers,
    IReadOnlyDictionary<Expr, IReadOnlyList<StageSlot>> Loads,
    IReadOnlyList<StageStore> Stores,
    IReadOnlyList<(StageBuffer From, StageBuffer To)> Kept,
    IReadOnlyList<StageBuffer> Cleared,
    IReadOnlyDictionary<Expr, NodeName> Names,
    EquationText Text,
    bool ObeysLengths)
{
    /// <summary>Whether it adds to sums over all rows.</summary>
    public bool HasSums => Stores.Any(s => s.IsSum);
}
