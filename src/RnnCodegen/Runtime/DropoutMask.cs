using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

/// <summary>
/// Dropout masks from a counter: the value at an index depends on seed, stream and index alone, so a mask can be made again,
/// whole or in parts, on any machine. Generator: SplitMix64's output function over a counter (Steele, Lea and Flood, 2014),
/// 32 bits an element, started from a hash of seed and stream.
/// </summary>
public static unsafe class DropoutMask
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private const ulong Factor1 = 0xBF58476D1CE4E5B9;
    private const ulong Factor2 = 0x94D049BB133111EB;

    /// <summary>Fills a mask from index 0 on.</summary>
    /// <inheritdoc cref="Fill(float*, nint, ulong, uint, float, long)"/>
    public static void Fill(float* mask, nint count, ulong seed, uint stream, float probability) =>
        Fill(mask, count, seed, stream, probability, 0);

    /// <summary>Fills the part of a mask that starts at an index.</summary>
    /// <param name="mask">Becomes 0 with the given probability, else 1 / (1 - probability).</param>
    /// <param name="count">Elements to fill.</param>
    /// <param name="seed">The call's seed.</param>
    /// <param name="stream">Which of the call's masks this is; masks of different streams are independent.</param>
    /// <param name="probability">How likely an element is dropped, in [0, 1).</param>
    /// <param name="first">Index of the first element within the whole mask.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is outside [0, 1).</exception>
    public static void Fill(float* mask, nint count, ulong seed, uint stream, float probability, long first)
    {
        if (!(probability is >= 0f and < 1f))
        {
            throw new ArgumentOutOfRangeException(
                nameof(probability), probability, "The dropout probability must be at least 0 and less than 1.");
        }

        ulong key = Mix(Mix(seed + Gamma) + stream * Gamma);
        uint threshold = (uint)(probability * 4294967296.0);
        float keep = 1f / (1f - probability);
        nint i = 0;
        if ((first & 1) != 0 && count > 0)
        {
            mask[i++] = Element(key, first, threshold, keep);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            // Four counters give eight elements: the low half of each is the even one.
            var counter = Vector256.Create(key + (ulong)((first + i) >> 1) * Gamma);
            counter += Vector256.Create(0, Gamma, unchecked(2 * Gamma), unchecked(3 * Gamma));
            var thresholds = Vector256.Create(threshold);
            var keeps = Vector256.Create(keep);
            for (; i + 8 <= count; i += 8)
            {
                var bits = Mix(counter).AsUInt32();
                (keeps & Vector256.GreaterThanOrEqual(bits, thresholds).AsSingle()).Store(mask + i);
                counter += Vector256.Create(unchecked(4 * Gamma));
            }
        }

        for (; i < count; i++)
        {
            mask[i] = Element(key, first + i, threshold, keep);
        }
    }

    /// <summary>Fills the part of a mask [steps, B, stride] that a call's samples have; its own rows stand without gaps.</summary>
    /// <param name="mask">[steps, the call's samples, stride].</param>
    /// <param name="call">Says which samples of the batch, the seed, and
    /// whether dropout is active; otherwise no element is dropped.</param>
    /// <param name="steps">Time steps; 1 for one row per sequence.</param>
    /// <param name="stride">Floats a row.</param>
    /// <param name="stream">Which of the call's masks this is.</param>
    /// <param name="probability">How likely an element is dropped, in [0, 1).</param>
    public static void FillSteps(float* mask, in ModelCall call, nint steps, nint stride, uint stream, float probability)
    {
        var active = call.Training ? probability : 0f;
        nint batch = call.Batch;
        nint whole = call.WholeBatch + call.SamplesElsewhere;
        nint before = call.SamplesBefore + call.FirstSample;
        if (batch == whole)
        {
            Fill(mask, steps * batch * stride, call.DropoutSeed, stream, active);
            return;
        }

        for (nint t = 0; t < steps; t++)
        {
            Fill(&mask[t * batch * stride], batch * stride, call.DropoutSeed, stream, active, ((t * whole) + before) * stride);
        }
    }

    private static float Element(ulong key, long index, uint threshold, float keep)
    {
        ulong bits = Mix(key + (ulong)(index >> 1) * Gamma);
        return (uint)(bits >> (32 * (int)(index & 1))) >= threshold ? keep : 0f;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * Factor1;
        z = (z ^ (z >> 27)) * Factor2;
        return z ^ (z >> 31);
    }

    private static Vector256<ulong> Mix(Vector256<ulong> z)
    {
        z = (z ^ (z >>> 30)) * Vector256.Create(Factor1);
        z = (z ^ (z >>> 27)) * Vector256.Create(Factor2);
        return z ^ (z >>> 31);
    }
}
