using AmpModel;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The amplifier of samples/AmpModel, on seconds of sound.</summary>
public sealed class AmpModelTests
{
    [Fact]
    public void The_circuit_is_silent_without_sound_and_squeezes_what_is_loud()
    {
        Assert.All(Overdrive.Play(new float[1000], Guitar.Rate), sample => Assert.Equal(0, sample));
        float Peak(float level) => Overdrive.Play(
            [.. Enumerable.Range(0, 4410).Select(n => level * MathF.Sin(MathF.Tau * 500 * n / Guitar.Rate))], Guitar.Rate).Max();
        Assert.InRange(Peak(0.002f) / Peak(0.001f), 1.95, 2.05);
        Assert.InRange(Peak(0.8f) / Peak(0.4f), 1, 1.3);
    }

    [Fact]
    public void The_loss_of_emphasized_errors_has_the_gradient_of_its_value()
    {
        var set = TrainingSet.OfRows(1);
        float[] rows = [0.1f, -0.4f, 0.3f, 0.8f, -0.2f];
        set.Add(rows, new[] { 0.2f, 0.1f, -0.3f, 0.4f, 0 });
        set.Add(rows.AsMemory(1, 3), new[] { 0.5f, -0.1f, 0.2f });
        var report = GradientCheck.Run(new Amplifier(seed: 1), new SignalError(), set);
        Assert.True(report.Passed, report.ToString());
    }

    [Fact]
    public void Seconds_of_training_beat_a_curve_and_blocks_play_what_the_model_says_without_allocating()
    {
        var training = Pair.Simulate(Guitar.Improvise(3, seed: 1));
        var test = Pair.Simulate(Guitar.Improvise(1, seed: 3));
        var model = new Amplifier(seed: 1);
        Training.Run(model, training, Pair.Simulate(Guitar.Improvise(1, seed: 2)), epochs: 20, seed: 1);

        var (played, timing) = Player.PlayAll(model, test.Dry, test.Rate);
        var ofCurve = SignalError.Ratio(new Waveshaper(training).Play(test.Dry), test.Wet, 0);
        Assert.InRange(SignalError.Ratio(played, test.Wet, 0), 0, 0.5 * ofCurve);
        Assert.Equal(0, timing.Allocated);

        var whole = TrainingSet.OfRows(1);
        whole.AddInput(test.Dry.AsMemory(0, 1000));
        Assert.Equal(model.Predict(whole).Values.ToArray(), played[..1000], (a, b) => MathF.Abs(a - b) < 1e-5f);
    }
}
