namespace RnnCodegen.Runtime;

/// <summary>
/// The operations that a numeric body needs of a vector, so that each body is written once for every width.
/// Implementations are empty structs: the JIT specializes a body for each and inlines all of it. Those of the three vectors differ by a
/// number only, because .NET's vectors share no public interface that one implementation could be written against.
/// </summary>
/// <typeparam name="TVector">The vector: float, or Vector128, 256 or 512 of float.</typeparam>
internal unsafe interface IVectorOps<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Count { get; }

    static abstract TVector Create(float value);

    static abstract TVector Load(float* source);

    static abstract void Store(TVector value, float* target);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>The square root; NaN of what is negative.</summary>
    static abstract TVector Sqrt(TVector a);

    /// <summary>a * b + c, rounded once where the hardware fuses it.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The smaller one; <paramref name="b"/> where either is NaN.</summary>
    static abstract TVector Min(TVector a, TVector b);

    /// <summary>The larger one; <paramref name="b"/> where either is NaN.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary><paramref name="magnitude"/> (not negative) with the sign of <paramref name="sign"/>.</summary>
    static abstract TVector WithSign(TVector magnitude, TVector sign);

    /// <summary><paramref name="negative"/> where the sign bit of <paramref name="x"/> is set, else <paramref name="positive"/>.</summary>
    static abstract TVector SelectBySign(TVector x, TVector negative, TVector positive);

    /// <summary>1 where a > b, else 0.</summary>
    static abstract TVector OneWhereGreater(TVector a, TVector b);

    /// <summary>0 where the magnitude of x is below <paramref name="floor"/>, else x; NaN stays.</summary>
    static abstract TVector ZeroBelow(TVector x, float floor);

    /// <summary>The bits of x that are set in <paramref name="mask"/>.</summary>
    static abstract TVector KeepBits(TVector x, int mask);

    /// <summary>The sum of the bits as integers, which wraps.</summary>
    static abstract TVector AddBits(TVector a, TVector b);

    /// <summary>The bits of x moved left.</summary>
    static abstract TVector ShiftBitsLeft(TVector x, int count);

    /// <summary>The bits of x moved right, zeros after them.</summary>
    static abstract TVector ShiftBitsRight(TVector x, int count);

    /// <summary>For each lane the one of eight constants that the lowest three bits of its index name.</summary>
    static abstract TVector Lookup(TVector index, float t0, float t1, float t2, float t3, float t4, float t5, float t6, float t7);

    /// <summary>The sum over the lanes.</summary>
    static abstract float Sum(TVector x);
}
