using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Planning;

/// <summary>
/// A machine that a body is planned for, one row a vector width: what a typical core of the kind has. Plans take their numbers from here.
/// </summary>
/// <param name="Name">The runtime's <c>SimdWidth</c> member, and part of the generated class's name.</param>
/// <param name="Lanes">Floats a vector.</param>
/// <param name="Registers">Vector registers.</param>
internal sealed record Machine(string Name, int Lanes, int Registers)
{
    /// <summary>Plain C#, for machines without vectors: 16 registers of one float.</summary>
    public static readonly Machine Scalar = new("Scalar", 1, 16);

    /// <summary>
    /// ARM's NEON, which is where 128-bit vectors are the widest today; on an x64 without AVX, which has 16 registers, the same body is
    /// right, with some sums in memory.
    /// </summary>
    public static readonly Machine Vector128 = new("Vector128", 4, 32)
    {
        FirstCache = 64 * 1024, Loads = 3, MultipliesByElement = true, FunctionsBesideSums = int.MaxValue,
    };

    /// <summary>AVX2: Zen 2 and 3, Haswell to Alder Lake (256 KB to 1.25 MB of second-level cache).</summary>
    public static readonly Machine Vector256 =
        new("Vector256", 8, 16)
        {
            SecondCache = 512 * 1024, ShufflesBesideMultiplyAdds = true, TakesFunctionsFirst = true, MostInSmallGroups = 512 * 1024,
        };

    /// <summary>AVX-512: Zen 4 and 5, Skylake-X and later.</summary>
    public static readonly Machine Vector512 =
        new("Vector512", 16, 32)
        {
            ShufflesBesideMultiplyAdds = true, FunctionsBesideSums = 4, TakesFunctionsFirst = true, MostInSmallGroups = 320 * 1024,
        };

    private const int Line = 16;

    /// <summary>Bytes of the first-level cache.</summary>
    public int FirstCache { get; init; } = 32 * 1024;

    /// <summary>Bytes of the second-level cache.</summary>
    public int SecondCache { get; init; } = 1024 * 1024;

    /// <summary>Bytes of weights up to which a single row walks over them in groups of half as many blocks, as measured.</summary>
    public int MostInSmallGroups { get; init; }

    /// <summary>Loads a cycle.</summary>
    public int Loads { get; init; } = 2;

    /// <summary>Multiply-adds a cycle.</summary>
    public int MultiplyAdds { get; init; } = 2;

    /// <summary>
    /// Whether a shuffle within a vector has a port that no load needs, and no multiply-add. With 512 bits, Intel's shuffles take one of
    /// the two that multiply, where the loads that they save would have taken as long.
    /// </summary>
    public bool ShufflesBesideMultiplyAdds { get; init; }

    /// <summary>Cycles from a multiply-add to the next one that needs its sum.</summary>
    public int Latency { get; init; } = 4;

    /// <summary>
    /// The most functions a cell may have to go on from sums in registers; those of others go to memory first. The compiler keeps the
    /// constants of functions, and where there are too many of them for the registers, these, the sums and what is computed meanwhile push
    /// each other out to the stack, whose places are not aligned to vectors: that takes longer than handing the sums over.
    /// </summary>
    public int FunctionsBesideSums { get; init; }

    /// <summary>
    /// Whether rows of a batch are walked for a cell's functions first, as those of one sample are. Measured, and so not for NEON.
    /// </summary>
    public bool TakesFunctionsFirst { get; init; }

    /// <summary>Whether the registers hold the constants of two functions beside what is computed.</summary>
    public bool HoldsConstantsOfTwoFunctions => Registers >= 32;

    /// <summary>Whether a multiply-add takes a factor out of a vector, so that one load brings the factors of as many terms.</summary>
    public bool MultipliesByElement { get; init; }

    /// <summary>Its vectors in words.</summary>
    public string Vectors => Lanes == 1 ? "without vectors" : $"with vectors of {32 * Lanes} bits";

    /// <summary>Sums that must be under way at a time to hide the latency of a multiply-add.</summary>
    public int Chains => Latency * MultiplyAdds;

    /// <summary>All bodies, widest first: the order in which a machine is asked what it has.</summary>
    public static readonly IReadOnlyList<Machine> All = [Vector512, Vector256, Vector128, Scalar];

    /// <summary>Floats of whole cache lines, 16 each, whatever the width.</summary>
    public static int Padded(int floats) => (floats + Line - 1) / Line * Line;

    /// <summary>
    /// Floats from one row of a matrix between stages to the next: whole cache lines, and not a multiple of eight of them. Weight gradients
    /// walk down columns, and of such a walk a cache of 64 sets would hold few lines: all that are 1,024 floats apart share one set. The
    /// runtime's <c>AlignedBuffer.Stride</c> is the same.
    /// </summary>
    public static int Stride(int width) => Padded(width) is var floats && floats % (8 * Line) == 0 ? floats + Line : floats;

    /// <summary>
    /// Floats from one row of a shape to the next. Gates of the same units stand together, block by block, each block one vector a gate.
    /// </summary>
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

    public static Blocks Of(int size, Machine target)
    {
        var full = size / target.Lanes * target.Lanes;
        return new Blocks(target.Lanes, full, target.TailLanes(size - full));
    }
}
