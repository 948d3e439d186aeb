using RnnCodegen.Tests.Parameters;
using System.Diagnostics;
using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>Sums over time and samples keep growing, however many terms they have.</summary>
public sealed class RunningSumTests
{
    [Fact]
    public void A_mean_of_losses_holds_after_a_thousand_million_terms()
    {
        // As if 10^9 terms had been added already; a float would take no more of these.
        var mean = new LossMean { Sum = 0.1 * 1e9, Weight = 1e9 };
        for (var i = 0; i < 1_000_000; i++)
        {
            mean.Add(0.3, 1);
        }

        Assert.Equal((1e8 + 3e5) / (1e9 + 1e6), mean.Sum / mean.Weight, 1e-9);
    }

    [Fact]
    public void Gradients_of_many_batches_add_up()
    {
        var sum = new GradientSum(11);
        float[] many = [.. Enumerable.Repeat((float)(1 << 25), 11)];
        float[] one = [.. Enumerable.Range(1, 11).Select(i => (float)i)];
        sum.Add(many);
        for (var i = 0; i < 1000; i++)
        {
            sum.Add(one);
        }

        var result = new float[11];
        sum.DivideInto(result, (1 << 25) + 1000.0);
        for (var i = 0; i < 11; i++)
        {
            Assert.Equal(((1 << 25) + (1000.0 * (i + 1))) / ((1 << 25) + 1000.0), result[i], 1e-7);
        }
    }

    [Fact]
    public void Adagrads_sum_of_squares_goes_on_where_a_float_stops()
    {
        var parameters = FlatParameters.Of(7);
        var gradients = FlatParameters.Of(7);
        gradients.Edit().Fill(1);
        var optimizer = new Adagrad(0, initialSum: 1 << 26);
        for (var i = 0; i < 1000; i++)
        {
            optimizer.Step(parameters, gradients);
        }

        Assert.All(optimizer.Slots[0].Values, s => Assert.Equal((1 << 26) + 1000.0, s, 8.0));
    }

    [Fact]
    public void A_rate_is_of_the_last_updates()
    {
        var rate = new RateMeter();
        Assert.Equal(0, rate.PerSecond);
        rate.Add(1, 100 * Stopwatch.Frequency);
        Assert.Equal(0.01, rate.PerSecond, 1e-9);
        for (var i = 0; i < RateMeter.Window; i++)
        {
            rate.Add(8, Stopwatch.Frequency / 2);
        }

        Assert.Equal(16, rate.PerSecond, 1e-6);
    }

    [Fact]
    public void Names_are_made_to_differ() =>
        Assert.Equal(["loss (2)", "accuracy", "accuracy (3)", "accuracy (2)"],
            UniqueNames.Of(["loss", "accuracy", "accuracy", "accuracy (2)"], "loss"));
}
