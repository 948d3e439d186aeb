using System.Diagnostics;
using Samples;

namespace Pretrained;

/// <summary>A call of a model: rows in, outputs out.</summary>
delegate void Call(ReadOnlySpan<float> rows, Span<float> outputs);

/// <summary>Two engines on the same rows, call by call.</summary>
static class SideBySide
{
    /// <summary>Our outputs of all calls; scores the largest difference from the peer's and the times of a call.</summary>
    /// <param name="run">Receives the scores.</param>
    /// <param name="ours">The generated class.</param>
    /// <param name="peer">ONNX Runtime.</param>
    /// <param name="rows">The rows of all calls.</param>
    /// <param name="width">Values that a call takes.</param>
    /// <param name="outputs">Values that a call gives.</param>
    public static float[] Compare(SampleRun run, Call ours, OnnxPeer peer, ReadOnlySpan<float> rows, int width, int outputs)
    {
        var calls = rows.Length / width;
        var (y, theirs) = (new float[calls * outputs], new float[calls * outputs]);
        var (ownTimes, peerTimes) = (new double[calls], new double[calls]);

        // In turns, so that what disturbs the machine disturbs both.
        for (var i = 0; i < calls; i++)
        {
            var row = rows.Slice(i * width, width);
            var start = Stopwatch.GetTimestamp();
            ours(row, y.AsSpan(i * outputs, outputs));
            var middle = Stopwatch.GetTimestamp();
            peer.Run(row).CopyTo(theirs.AsSpan(i * outputs));
            peerTimes[i] = Stopwatch.GetElapsedTime(middle).TotalMicroseconds;
            ownTimes[i] = Stopwatch.GetElapsedTime(start, middle).TotalMicroseconds;
        }

        var (own, other) = (Median(ownTimes), Median(peerTimes));
        var difference = y.Zip(theirs, (a, b) => Math.Abs(a - b)).Max();
        run.Score("largest difference of an output", $"{difference:E1}", bar: "<= 1e-4", met: difference <= 1e-4f);
        run.Score("median time of a call", $"{own:F1} us", $"ONNX Runtime: {other:F1} us, {other / own:F1} times ours");
        return y;
    }

    private static double Median(double[] times) => times.Order().ElementAt(times.Length / 2);
}
