using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Benchmarks;

/// <summary>A level of memory.</summary>
/// <param name="Name">L1, L2, L3 or memory.</param>
/// <param name="Bytes">Its size for one core.</param>
/// <param name="BytesPerSecond">What one core reads from it.</param>
internal sealed record MemoryLevel(string Name, long Bytes, double BytesPerSecond);

/// <summary>The machine's own limits, measured on one core with the widest vectors the process may use.</summary>
internal sealed class Roofline
{
    private const int Trials = 40;
    private const double TrialSeconds = 0.01;

    private Roofline(double peak, IReadOnlyList<MemoryLevel> levels) => (Peak, Levels) = (peak, levels);

    /// <summary>Floating-point operations a second, two for each multiply-add.</summary>
    public double Peak { get; }

    /// <summary>The levels, nearest first.</summary>
    public IReadOnlyList<MemoryLevel> Levels { get; }

    /// <summary>Bits of the vectors measured with, and generated code runs with.</summary>
    public static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>Takes about two seconds.</summary>
    public static unsafe Roofline Measure()
    {
        var peak = Best(rounds => { Sink(Fma(rounds)); return rounds * FlopsPerRound; });
        var levels = new List<MemoryLevel>();
        var sizes = CacheSizes();
        var largest = sizes.Max(s => s.Bytes);
        var block = 4 * largest;
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)block, 4096);
        new Span<float>(memory, (int)(block / sizeof(float))).Clear();
        foreach (var (name, bytes) in sizes)
        {
            // Half of a cache of one's own, little of one that is shared.
            var read = name == "L3" ? bytes / 4 : bytes / 2;
            levels.Add(new MemoryLevel(name, bytes, Bandwidth(memory, read)));
        }

        levels.Add(new MemoryLevel("memory", long.MaxValue, Bandwidth(memory, block)));
        NativeMemory.AlignedFree(memory);
        return new Roofline(peak, levels);
    }

    /// <summary>The nearest level that holds so many bytes and leaves room for the rest.</summary>
    public MemoryLevel LevelOf(long bytes) => Levels.First(l => bytes <= 0.85 * l.Bytes);

    /// <summary>
    /// The seconds a call (a step, in the Step and Run families) takes at least: the products at peak, or reading the weights once
    /// a step from where they live. In a sequence the input products can be done for many steps at once, so there only the recurrent
    /// weights are read each step.
    /// </summary>
    public double Bound(Workload workload)
    {
        double Read(long weights) => weights * sizeof(float) / LevelOf(weights * sizeof(float)).BytesPerSecond;
        return workload.Family switch
        {
            Family.Step => Math.Max(workload.Flops / Peak, Read(workload.InputProducts + workload.HiddenProducts)),
            Family.Run => (2 * workload.InputProducts / Peak) + Math.Max(2 * workload.HiddenProducts / Peak, Read(workload.HiddenProducts)),
            _ => workload.Flops / Peak,
        };
    }

    private static double FlopsPerRound => Vector512.IsHardwareAccelerated ? 2 * 16 * 16 : 2 * 12 * 8;

    private static unsafe double Bandwidth(float* memory, long bytes)
    {
        bytes -= bytes % 1024;
        return Best(rounds =>
        {
            var passes = Math.Max(1, rounds * 256 / bytes);
            for (var k = 0L; k < passes; k++)
            {
                Sink(Vector512.IsHardwareAccelerated ? Read512(memory, memory + (bytes / 4)) : Read256(memory, memory + (bytes / 4)));
            }

            return (double)passes * bytes;
        });
    }

    /// <summary>The best rate of several trials; <paramref name="work"/> gets a number of rounds and returns what it did.</summary>
    private static double Best(Func<long, double> work)
    {
        var rounds = 1000L;
        var best = 0.0;
        for (var trial = 0; trial < Trials;)
        {
            var start = Stopwatch.GetTimestamp();
            var done = work(rounds);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (seconds < TrialSeconds)
            {
                rounds *= 2;
                continue;
            }

            best = Math.Max(best, done / seconds);
            trial++;
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Sink(float value) => GC.KeepAlive(value == float.Epsilon ? new object() : null);

    private static float Fma(long rounds) => Vector512.IsHardwareAccelerated ? Fma512(rounds) : Fma256(rounds);

    // Chains of their own, as many as the registers of the width allow and more than latency times throughput.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Fma512(long rounds)
    {
        Vector512<float> m = Vector512.Create(0.5f), n = Vector512.Create(1f);
        Vector512<float> a = n, b = n, c = n, d = n, e = n, f = n, g = n, h = n, i = n, j = n, k = n, l = n, o = n, p = n, q = n, r = n;
        for (; rounds > 0; rounds--)
        {
            a = Vector512.FusedMultiplyAdd(a, m, n); b = Vector512.FusedMultiplyAdd(b, m, n);
            c = Vector512.FusedMultiplyAdd(c, m, n); d = Vector512.FusedMultiplyAdd(d, m, n);
            e = Vector512.FusedMultiplyAdd(e, m, n); f = Vector512.FusedMultiplyAdd(f, m, n);
            g = Vector512.FusedMultiplyAdd(g, m, n); h = Vector512.FusedMultiplyAdd(h, m, n);
            i = Vector512.FusedMultiplyAdd(i, m, n); j = Vector512.FusedMultiplyAdd(j, m, n);
            k = Vector512.FusedMultiplyAdd(k, m, n); l = Vector512.FusedMultiplyAdd(l, m, n);
            o = Vector512.FusedMultiplyAdd(o, m, n); p = Vector512.FusedMultiplyAdd(p, m, n);
            q = Vector512.FusedMultiplyAdd(q, m, n); r = Vector512.FusedMultiplyAdd(r, m, n);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l + o + p + q + r);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Fma256(long rounds)
    {
        Vector256<float> m = Vector256.Create(0.5f), n = Vector256.Create(1f);
        Vector256<float> a = n, b = n, c = n, d = n, e = n, f = n, g = n, h = n, i = n, j = n, k = n, l = n;
        for (; rounds > 0; rounds--)
        {
            a = Vector256.FusedMultiplyAdd(a, m, n); b = Vector256.FusedMultiplyAdd(b, m, n);
            c = Vector256.FusedMultiplyAdd(c, m, n); d = Vector256.FusedMultiplyAdd(d, m, n);
            e = Vector256.FusedMultiplyAdd(e, m, n); f = Vector256.FusedMultiplyAdd(f, m, n);
            g = Vector256.FusedMultiplyAdd(g, m, n); h = Vector256.FusedMultiplyAdd(h, m, n);
            i = Vector256.FusedMultiplyAdd(i, m, n); j = Vector256.FusedMultiplyAdd(j, m, n);
            k = Vector256.FusedMultiplyAdd(k, m, n); l = Vector256.FusedMultiplyAdd(l, m, n);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe float Read512(float* p, float* end)
    {
        Vector512<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (; p < end; p += 128)
        {
            a |= Vector512.Load(p); b |= Vector512.Load(p + 16); c |= Vector512.Load(p + 32); d |= Vector512.Load(p + 48);
            e |= Vector512.Load(p + 64); f |= Vector512.Load(p + 80); g |= Vector512.Load(p + 96); h |= Vector512.Load(p + 112);
        }

        return (a | b | c | d | e | f | g | h)[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe float Read256(float* p, float* end)
    {
        Vector256<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (; p < end; p += 64)
        {
            a |= Vector256.Load(p); b |= Vector256.Load(p + 8); c |= Vector256.Load(p + 16); d |= Vector256.Load(p + 24);
            e |= Vector256.Load(p + 32); f |= Vector256.Load(p + 40); g |= Vector256.Load(p + 48); h |= Vector256.Load(p + 56);
        }

        return (a | b | c | d | e | f | g | h)[0];
    }

    /// <summary>Data caches as Linux tells them; common sizes elsewhere.</summary>
    private static List<(string Name, long Bytes)> CacheSizes()
    {
        var sizes = new List<(string Name, long Bytes)>();
        for (var k = 0; Directory.Exists($"/sys/devices/system/cpu/cpu0/cache/index{k}"); k++)
        {
            string Read(string file) => File.ReadAllText($"/sys/devices/system/cpu/cpu0/cache/index{k}/{file}").Trim();
            if (Read("type") != "Instruction" && Read("size") is [.. var kilobytes, 'K'])
            {
                sizes.Add(($"L{Read("level")}", long.Parse(kilobytes) << 10));
            }
        }

        return sizes.Count > 0 ? sizes : [("L1", 32 << 10), ("L2", 1 << 20), ("L3", 16 << 20)];
    }
}
