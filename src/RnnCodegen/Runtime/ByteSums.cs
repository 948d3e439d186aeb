using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RnnCodegen.Runtime;

/// <summary>Four activations, ready to be multiplied with the four weights that each of eight columns has for them.</summary>
/// <typeparam name="TSelf">Itself.</typeparam>
internal unsafe interface IByteSums<TSelf>
    where TSelf : struct, IByteSums<TSelf>
{
    /// <summary>Bytes that four activations take.</summary>
    static abstract int GroupBytes { get; }

    /// <summary>What sums start from.</summary>
    static abstract Vector256<int> First(ByteScale scale);

    /// <summary>Four activations.</summary>
    static abstract TSelf Of(byte* activations);

    /// <summary>Adds the products to the columns' sums.</summary>
    Vector256<int> AddTo(Vector256<int> sums, sbyte* weights);

    /// <summary>The columns' sums, given what the zero point of the activations adds to each.</summary>
    static abstract Vector256<int> Last(Vector256<int> sums, int* offsets);
}

/// <summary>With the instruction that is made for it: bytes without a sign times bytes with one.</summary>
internal readonly unsafe struct VnniSums(Vector256<byte> x) : IByteSums<VnniSums>
{
    private readonly Vector256<byte> _x = x;

    public static int GroupBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> First(ByteScale scale) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VnniSums Of(byte* activations) => new(Vector256.Create(*(uint*)activations).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<int> AddTo(Vector256<int> sums, sbyte* weights) =>
        AvxVnni.MultiplyWideningAndAdd(sums, _x, Vector256.Load(weights));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Last(Vector256<int> sums, int* offsets) => sums - Vector256.Load(offsets);
}

/// <summary>
/// With AVX2, which adds two products of a byte without a sign and one with a sign in 16 bits. A magnitude is at most 127, and
/// 2 * 127 * 128 fits; so the activations' magnitudes are multiplied with the weights w, or with -1 - w where the activation is negative: a
/// weight with its bits inverted, for which any port of a processor will do. That such a product comes short by the activation's magnitude
/// is the same for all columns.
/// </summary>
internal readonly unsafe struct Avx2Sums(Vector256<byte> magnitude, Vector256<sbyte> isNegative) : IByteSums<Avx2Sums>
{
    private readonly Vector256<byte> _magnitude = magnitude;
    private readonly Vector256<sbyte> _isNegative = isNegative;

    /// <summary>Four magnitudes, and behind them four bytes whose bits are all 1 where the activation is negative.</summary>
    public static int GroupBytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> First(ByteScale scale) => Vector256.Create(scale.Negative);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Sums Of(byte* activations) =>
        new(Vector256.Create(*(uint*)activations).AsByte(), Vector256.Create(*(uint*)(activations + 4)).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<int> AddTo(Vector256<int> sums, sbyte* weights) => sums + Avx2.MultiplyAddAdjacent(
        Avx2.MultiplyAddAdjacent(_magnitude, Vector256.Load(weights) ^ _isNegative), Vector256.Create((short)1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Last(Vector256<int> sums, int* offsets) => sums;
}
