using RnnCodegen;

namespace RnnProgram;

/// <summary>Sines of random phase and period, with a little noise. Put your own series here.</summary>
static class WaveData
{
    /// <summary>A set of waves, each with itself one step later as its target.</summary>
    public static TrainingSet Create(int samples, int seed)
    {
        const int steps = 60;
        var random = new Random(seed);
        var set = TrainingSet.OfRows(WaveModel.InputSize);
        for (var i = 0; i < samples; i++)
        {
            var wave = Sample(steps + 1, random);
            set.Add(wave.AsMemory(0, steps), wave.AsMemory(1, steps));
        }

        return set;
    }

    /// <summary>One wave.</summary>
    public static float[] Sample(int steps, Random random)
    {
        var period = 12 + 8 * random.NextSingle();
        var phase = period * random.NextSingle();
        return [.. Enumerable.Range(0, steps).Select(t =>
            MathF.Sin(2 * MathF.PI * (t + phase) / period) + 0.1f * (random.NextSingle() - 0.5f))];
    }
}
