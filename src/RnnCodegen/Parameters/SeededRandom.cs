using System.Numerics;

namespace RnnCodegen;

/// <summary>
/// Random numbers that are the same on every platform and in every version: xoshiro256** (Blackman and Vigna, 2018) seeded by SplitMix64,
/// and only arithmetic that IEEE 754 defines to the bit.
/// </summary>
internal sealed class SeededRandom
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;
    private double _spare = double.NaN;

    public SeededRandom(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>The generator's whole state between two calls; setting it drops the second normal number of a pair.</summary>
    public RandomState State
    {
        get => new(_s0, _s1, _s2, _s3);
        set => (_s0, _s1, _s2, _s3, _spare) = (value.S0, value.S1, value.S2, value.S3, double.NaN);
    }

    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1ul << 53));

    /// <summary>Uniform in [0, bound), without bias.</summary>
    public int NextInt(int bound)
    {
        // Lemire's multiply-shift; the few low products that would favour some results are drawn again.
        var threshold = (0ul - (ulong)bound) % (ulong)bound;
        while (true)
        {
            var high = Math.BigMul(NextUInt64(), (ulong)bound, out var low);
            if (low >= threshold)
            {
                return (int)high;
            }
        }
    }

    /// <summary>Standard normal, by Marsaglia's polar method.</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spare))
        {
            var spare = _spare;
            _spare = double.NaN;
            return spare;
        }

        while (true)
        {
            var u = (2 * NextDouble()) - 1;
            var v = (2 * NextDouble()) - 1;
            var s = (u * u) + (v * v);
            if (s is > 0 and < 1)
            {
                var factor = Math.Sqrt(-2 * Log(s) / s);
                _spare = v * factor;
                return u * factor;
            }
        }
    }

    /// <summary>A random order (Fisher and Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The natural logarithm of a normal positive number; Math.Log may differ in the last bit from platform to platform.</summary>
    private static double Log(double x)
    {
        // x = m 2^e with m in [1/sqrt 2, sqrt 2), and log m = 2 artanh(f) = 2 (f + f^3/3 + f^5/5 + ...) with |f| < 0.172.
        var e = Math.ILogB(x);
        var m = Math.ScaleB(x, -e);
        if (m > 1.4142135623730951)
        {
            m /= 2;
            e++;
        }

        var f = (m - 1) / (m + 1);
        var sum = 0.0;
        for (var k = 23; k >= 1; k -= 2)
        {
            sum = (sum * f * f) + (1.0 / k);
        }

        return (2 * f * sum) + (e * 0.6931471805599453);
    }

    /// <summary>Another seed, as unlike as any two: of neighbouring seeds, and of none that a count up from either meets.</summary>
    public static ulong Mix(ulong seed) => SplitMix(ref seed);

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>The 256 bits of a <see cref="SeededRandom"/>.</summary>
internal readonly record struct RandomState(ulong S0, ulong S1, ulong S2, ulong S3);
