using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EdgeMonitor;

/// <summary>What the program takes of the machine.</summary>
static class Footprint
{
    private const int Steps = 20_000;
    private const int Rounds = 10;

    /// <summary>Prints size, memory and the cost of a step; returns whether steps allocate nothing.</summary>
    public static bool Print(PumpMonitor model, TimeSpan start)
    {
        var readings = Pump.Site.Measure(1000, seed: 9);
        using var watch = new Watch(model);
        Run(watch, readings);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var shortest = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            Run(watch, readings);
            var elapsed = Stopwatch.GetElapsedTime(begin);
            shortest = elapsed < shortest ? elapsed : shortest;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            Console.WriteLine(FormattableString.Invariant(
                $"binary           {new FileInfo(Environment.ProcessPath!).Length / 1e6:F2} MB, weights and all"));
        }

        Console.WriteLine(FormattableString.Invariant(
            $"start            {start.TotalMilliseconds:F1} ms of processor time to the first score"));
        Console.WriteLine(FormattableString.Invariant($"resident memory  {Environment.WorkingSet / 1e6:F1} MB after a training"));
        Console.WriteLine(FormattableString.Invariant($"a step           {shortest.TotalNanoseconds / Steps:F0} ns, with its score"));
        Console.WriteLine($"allocated        {allocated} bytes in {Rounds * Steps:N0} steps");
        return allocated == 0;
    }

    private static void Run(Watch watch, float[] readings)
    {
        for (int i = 0, at = 0; i < Steps; i++, at = at + Pump.Sensors < readings.Length ? at + Pump.Sensors : 0)
        {
            watch.Step(readings.AsSpan(at, Pump.Sensors));
        }
    }
}
