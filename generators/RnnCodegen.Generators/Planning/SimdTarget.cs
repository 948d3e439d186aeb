using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Planning;

/// <summary>One row per vector width that a body is written for.</summary>
/// <param name="Name">The runtime's <c>SimdWidth</c> member, and part of the generated class's name.</param>
/// <param name="Lanes">Floats a vector.</param>
/// <param name="Registers">Vector registers that a kernel may keep live.</param>
internal sealed record SimdTarget(string Name, int Lanes, int Registers)
{
    public static readonly SimdTarget Scalar = new("Scalar", 1, 16);
    public static readonly SimdTarget Vector128 = new("Vector128", 4, 16);
    public static readonly SimdTarget Vector256 = new("Vector256", 8, 16);
    public static readonly SimdTarget Vector512 = new("Vector512", 16, 32);

    /// <summary>All bodies, widest first: the order in which a machine is asked what it has.</summary>
    public static readonly IReadOnlyList<SimdTarget> All = [Vector512, Vector256, Vector128, Scalar];

    /// <summary>Rows of matrices between stages start at multiples of 16 floats, one cache line, whatever the width.</summary>
    public static int Stride(int width) => (width + 15) / 16 * 16;

    /// <summary>Floats from one row of a shape to the next. Gates of the same units stand together, block by block, each block one vector a gate.</summary>
    public int Stride(RowShape row) => Stride(row.Parts == 1 ? row.Size : row.Parts * Blocks.Of(row.Size, this).Padded);

    /// <summary>The narrowest vector, of this width or less, that covers a tail.</summary>
    public int TailLanes(int tail) => Lanes == 1 || tail == 0 ? tail : tail <= 4 ? 4 : tail <= 8 ? 8 : 16;
}

/// <summary>A row of values cut into vectors: full ones, then one narrower for the rest.</summary>
/// <param name="Lanes">Floats of a full vector.</param>
/// <param name="Full">Floats covered by full vectors.</param>
/// <param name="Tail">Floats of the last vector; 0 where there is none.</param>
internal readonly record struct Blocks(int Lanes, int Full, int Tail)
{
    public int Padded => Full + Tail;

    public int Vectors => (Full / Lanes) + (Tail > 0 ? 1 : 0);

    public static Blocks Of(int size, SimdTarget target)
    {
        var full = size / target.Lanes * target.Lanes;
        return new Blocks(target.Lanes, full, target.TailLanes(size - full));
    }
}
