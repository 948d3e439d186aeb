using System.Diagnostics;
using RnnCodegen;

namespace LstmVsGru;

/// <summary>What a cell of some size costs.</summary>
/// <param name="Contender">The cell.</param>
/// <param name="StepMicroseconds">A step of one stream.</param>
/// <param name="TrainingMicroseconds">Forward and backward of a step of one of 32 samples.</param>
/// <param name="TapeBytes">What forward keeps of such a step for backward, with the temporary memory of both.</param>
internal sealed record Cost(Contender Contender, double StepMicroseconds, double TrainingMicroseconds, double TapeBytes)
{
    private const int Steps = 50, Batch = 32;
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(500);

    /// <summary>Measures one cell: the best of as many repetitions as half a second has.</summary>
    public static Cost Of(Contender contender)
    {
        var model = contender.Create(seed: 1);
        var random = new Random(1);
        var x = Enumerable.Range(0, Steps * Batch * Problem.Width).Select(_ => random.NextSingle()).ToArray();
        var (y, row) = (new float[x.Length], new float[Problem.Width]);
        var state = model.CreateState();
        var step = Best(() =>
        {
            for (var t = 0; t < 100; t++)
            {
                model.Step(x.AsSpan(t * Problem.Width, Problem.Width), row, state);
            }
        }) / 100;

        var (tape, gradients) = (model.CreateTape(Steps, Batch), model.CreateGradients());
        var training = Best(() =>
        {
            model.Forward(x, y, tape);
            model.Backward(x, default, tape, gradients);
        }) / (Steps * Batch);
        return new(contender, step, training, (double)contender.TapeBytes(Steps, Batch) / (Steps * Batch));
    }

    // Microseconds of the fastest call; the first ones are compiled, then compiled better.
    private static double Best(Action action)
    {
        var best = double.MaxValue;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Time;)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return best;
    }
}
