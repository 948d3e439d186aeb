using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Benchmarks;

/// <summary>A level of memory.</summary>
/// <param name="Name">L1, L2, L3 or memory.</param>
/// <param name="Bytes">How much was read again and again.</param>
/// <param name="BytesPerSecond">What one core reads from it.</param>
internal sealed record MemoryLevel(string Name, long Bytes, double BytesPerSecond);

/// <summary>The least time of a call.</summary>
/// <param name="Seconds">The time.</param>
/// <param name="ReadBytes">The weights that each step reads where that takes longer than its products; 0 where not.</param>
internal sealed record Bound(double Seconds, long ReadBytes);

/// <summary>The machine's own limits, measured on one core with the widest vectors the process may use.</summary>
internal sealed class Roofline
{
    private const int Trials = 40;
    private const double TrialSeconds = 0.01;

    private readonly Dictionary<long, double> _rates = [];

    private Roofline(double peak) => Peak = peak;

    /// <summary>Floating-point operations a second, two for each multiply-add.</summary>
    public double Peak { get; private set; }

    /// <summary>The levels, nearest first.</summary>
    public IReadOnlyList<MemoryLevel> Levels { get; private set; } = [];

    /// <summary>Bits of the vectors measured with, and generated code runs with.</summary>
    public static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>Takes about two seconds.</summary>
    public static Roofline Measure()
    {
        var peak = MeasurePeak();
        var sizes = CacheSizes();

        // Half of a cache of one's own, little of one that is shared.
        var reads = sizes.Select(s => (s.Name, Bytes: s.Name == "L3" ? s.Bytes / 4 : s.Bytes / 2))
            .Append((Name: "memory", Bytes: 4 * sizes.Max(s => s.Bytes)));
        return new Roofline(peak) { Levels = [.. reads.Select(r => new MemoryLevel(r.Name, r.Bytes, Bandwidth(r.Bytes)))] };
    }

    /// <summary>
    /// Measures all limits once more and keeps the better of the two: a limit that another process cut into would let ours look better.
    /// </summary>
    public void MeasureAgain()
    {
        Peak = Math.Max(Peak, MeasurePeak());
        Levels = [.. Levels.Select(l => l with { BytesPerSecond = Math.Max(l.BytesPerSecond, Bandwidth(l.Bytes)) })];
        foreach (var bytes in _rates.Keys.ToArray())
        {
            _rates[bytes] = Math.Max(_rates[bytes], Bandwidth(bytes));
        }
    }

    private static double MeasurePeak() => Best(rounds => { Sink(Fma(rounds)); return rounds * FlopsPerRound; });

    /// <summary>
    /// What one core reads a second where it reads so many bytes again and again, forwards and backwards in turn: part of them is then
    /// always in the nearest level that holds it. Measured once for each number of bytes.
    /// </summary>
    public double ReadRate(long bytes) => _rates.TryGetValue(bytes, out var rate) ? rate : _rates[bytes] = Bandwidth(bytes);

    /// <summary>
    /// The time a call takes at least. Products that wait for the step before take the peak rate or the time to read their weights once a
    /// step, whichever is longer; those of all steps at once take the peak rate.
    /// </summary>
    public Bound Bound(Workload workload)
    {
        // A step a call has no other steps to take the input's products with.
        var stepwise = workload.HiddenProducts + (workload.Call == Call.Step ? workload.InputProducts : 0);
        var products = 2.0 * stepwise * workload.Batch / Peak;
        var bytes = stepwise * sizeof(float);
        var read = bytes / ReadRate(bytes);
        var waits = workload.HiddenPasses * workload.StepsPerCall;
        var together = (workload.Flops / Peak) - (waits * products);
        return new Bound(together + (waits * Math.Max(products, read)), read > products ? bytes : 0);
    }

    private static double FlopsPerRound => Vector512.IsHardwareAccelerated ? 2 * 16 * 16 : 2 * 12 * 8;

    // Of the two orders the better: of what does not fit a level as a whole, the second leaves the end of a pass to the start of the next.
    private static unsafe double Bandwidth(long bytes)
    {
        const int Unit = 1024;
        bytes = (bytes + Unit - 1) / Unit * Unit;
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)bytes, 4096);
        NativeMemory.Clear(memory, (nuint)bytes);
        var (forwards, inTurn) = (Rate(false), Rate(true));
        NativeMemory.AlignedFree(memory);
        return Math.Max(forwards, inTurn);

        double Rate(bool turns) => Best(rounds =>
        {
            var passes = Math.Max(1, rounds * 256 / bytes);
            for (var k = 0L; k < passes; k++)
            {
                Sink(Pass(memory, bytes, turns && (k & 1) != 0));
            }

            return (double)passes * bytes;
        });
    }

    /// <summary>Reads everything once, a block after the other; each block is read forwards.</summary>
    private static unsafe float Pass(float* memory, long bytes, bool backwards)
    {
        const long Block = 8192;
        if (!backwards)
        {
            return Read(memory, memory + (bytes / sizeof(float)));
        }

        var sum = 0f;
        for (var end = bytes; end > 0; end -= Block)
        {
            sum += Read(memory + (Math.Max(0, end - Block) / sizeof(float)), memory + (end / sizeof(float)));
        }

        return sum;
    }

    private static unsafe float Read(float* p, float* end) => Vector512.IsHardwareAccelerated ? Read512(p, end) : Read256(p, end);

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
