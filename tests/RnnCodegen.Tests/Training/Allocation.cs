using System.Diagnostics;
using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>
/// Measures what code allocates. A collection, which other tests may cause at any time, ends this thread's allocation block and counts what
/// was left of it as allocated, up to 8 KB; a measurement that one falls into says nothing and is made again.
/// </summary>
internal static class Allocation
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Asserts that code which is warm allocates nothing on its thread.</summary>
    public static void AssertNone(Action action)
    {
        action();
        Assert.Equal(0, Of(() =>
        {
            for (var i = 0; i < 10; i++)
            {
                action();
            }
        }));
    }

    /// <summary>Asserts that a training allocates nothing from one update to the next, once it has seen 40 epochs.</summary>
    /// <param name="train">Trains with the progress that it is given, 60 epochs.</param>
    public static void AssertNoneBetweenUpdates(Action<IProgress<TrainingProgress>> train)
    {
        var meter = new Meter();
        Undisturbed(() =>
        {
            meter.Start();
            train(meter);
            return true;
        });
        Assert.True(meter.Updates > 10);
        Assert.Equal(0, meter.Bytes);
    }

    /// <summary>The bytes that an action allocates on its thread.</summary>
    public static long Of(Action action) => Undisturbed(() =>
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });

    /// <summary>A measurement without a collection in it.</summary>
    public static T Undisturbed<T>(Func<T> measure)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_patience)
        {
            var collections = GC.CollectionCount(0);
            var result = measure();
            if (GC.CollectionCount(0) == collections)
            {
                return result;
            }
        }

        throw new InvalidOperationException($"For {s_patience}, a collection fell into each measurement.");
    }

    /// <summary>Adds up what is allocated between updates.</summary>
    private sealed class Meter : IProgress<TrainingProgress>
    {
        // The lists of losses then have room for 64.
        private const int WarmEpochs = 40;

        private long _last;

        public int Updates { get; private set; }

        public long Bytes { get; private set; }

        public void Start() => (Updates, Bytes) = (0, 0);

        public void Report(TrainingProgress value)
        {
            var now = GC.GetAllocatedBytesForCurrentThread();
            if (value.Epoch > WarmEpochs)
            {
                Updates++;
                Bytes += now - _last;
            }

            _last = GC.GetAllocatedBytesForCurrentThread();
        }
    }
}
