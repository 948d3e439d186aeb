using RnnCodegen.Reference;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Tests.Decoding;

public sealed class SamplingTests
{
    private const int Draws = 50_000;
    private static readonly float[] s_scores = [1, -2, 0.5f, 3, 3, 0, -30, 2.5f];

    // By Hoeffding's inequality a frequency is further away from its probability with a chance of at most 2 exp(-2 n e^2) = 1e-12.
    private static readonly double s_bound = Math.Sqrt(Math.Log(2e12) / (2 * Draws));

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(0.5, 0, 1)]
    [InlineData(3, 0, 1)]
    [InlineData(1, 3, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(1, 0, 0.7)]
    [InlineData(0.8, 4, 0.9)]
    [InlineData(1, 0, 1e-9)]
    [InlineData(1, 100, 1)]
    public void Frequencies_are_the_probabilities_within_Hoeffdings_bound(double temperature, int topK, double topP)
    {
        double[] expected = Distribution(temperature, topK, topP);
        double[] logs = [.. RowTransform.LogSoftmax([.. s_scores.Select(s => (double)s)])];
        foreach (var output in new[] { OutputTransform.None, OutputTransform.LogSoftmax, OutputTransform.Softmax })
        {
            float[] row = output switch
            {
                OutputTransform.None => s_scores,
                OutputTransform.LogSoftmax => [.. logs.Select(l => (float)l)],
                _ => [.. logs.Select(l => (float)Math.Exp(l))],
            };
            var sampler = new TokenSampler(seed: 5) { Temperature = temperature, TopK = topK, TopP = topP };
            var counts = new int[row.Length];
            for (var i = 0; i < Draws; i++)
            {
                counts[sampler.Sample(row, output)]++;
            }

            for (var k = 0; k < row.Length; k++)
            {
                Assert.Equal(expected[k], counts[k] / (double)Draws, s_bound);
                Assert.True(expected[k] > 0 || counts[k] == 0, $"{k} was drawn though it was left out");
            }
        }
    }

    [Fact]
    public void A_seed_decides_the_draws_and_what_is_impossible_is_never_drawn()
    {
        float[] row = [float.NegativeInfinity, 0, 0, float.NegativeInfinity];
        Assert.Equal(Draw(3), Draw(3));
        Assert.NotEqual(Draw(3), Draw(4));
        Assert.DoesNotContain(0, Draw(3));
        Assert.DoesNotContain(3, Draw(3));

        int[] Draw(int seed)
        {
            var sampler = new TokenSampler(seed);
            return [.. Enumerable.Range(0, 100).Select(_ => sampler.Sample(row))];
        }
    }

    [Fact]
    public void Argmax_takes_the_first_of_equals()
    {
        Assert.Equal(3, TokenSampler.Argmax(s_scores));
        Assert.Equal(3, new TokenSampler(seed: 1) { TopK = 1 }.Sample(s_scores));
        Assert.Throws<ArgumentException>("scores", () => TokenSampler.Argmax([]));
    }

    [Fact]
    public void Drawing_and_decoding_into_memory_allocate_nothing()
    {
        var plain = new TokenSampler(1);
        var restricted = new TokenSampler(2) { Temperature = 0.7, TopK = 5, TopP = 0.9 };
        var decoder = new SamplingDecoder<TokenCell>(new TokenCell(seed: 1), 0, 3, restricted);
        var tokens = new int[20];
        Allocation.AssertNone(() =>
        {
            plain.Sample(s_scores);
            restricted.Sample(s_scores);
            decoder.Decode(null, tokens, out _);
        });
    }

    [Fact]
    public void Sequences_are_drawn_as_often_as_the_model_says()
    {
        var model = new TokenCell(seed: 2);
        var reference = new TokenCellReference(
            Array.ConvertAll(model.Core.Parameters.Values.ToArray(), v => (double)v), model.Core.Definition);
        var expected = reference.Enumerate(0, 3, 2).ToDictionary(
            s => string.Join(" ", s.Tokens) + s.IsComplete, s => s.LogProbability);
        var decoder = new SamplingDecoder<TokenCell>(model, 0, 3, new TokenSampler(seed: 9)) { MaxLength = 2 };
        var counts = expected.Keys.ToDictionary(key => key, _ => 0);
        for (var i = 0; i < Draws; i++)
        {
            var drawn = decoder.Decode();
            var key = string.Join(" ", drawn.Tokens) + drawn.IsComplete;
            counts[key]++;
            Assert.Equal(expected[key], drawn.LogProbability, 1e-5);
        }

        Assert.All(counts, pair => Assert.Equal(Math.Exp(expected[pair.Key]), pair.Value / (double)Draws, s_bound));
    }

    [Fact]
    public void Options_and_rows_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("Temperature", () => new TokenSampler { Temperature = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("Temperature", () => new TokenSampler { Temperature = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>("TopK", () => new TokenSampler { TopK = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("TopP", () => new TokenSampler { TopP = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("TopP", () => new TokenSampler { TopP = 1.5 });
        var sampler = new TokenSampler();
        Assert.Throws<ArgumentException>("row", () => sampler.Sample([]));
        Assert.Contains("NaN at 1", Assert.Throws<ArgumentException>("row", () => sampler.Sample([0, float.NaN])).Message);
        Assert.Throws<ArgumentException>("row", () => sampler.Sample([0, float.PositiveInfinity]));
        Assert.Throws<ArgumentException>("row", () => sampler.Sample([float.NegativeInfinity]));
        Assert.Throws<ArgumentException>("row", () => sampler.Sample([0, -0.5f], OutputTransform.Softmax));
        Assert.Throws<ArgumentException>("row", () => sampler.Sample([0, 0], OutputTransform.Softmax));
        Assert.Throws<ArgumentException>("output", () => sampler.Sample([0, 1], OutputTransform.Sigmoid));
    }

    /// <summary>The definition, with sorted lists.</summary>
    private static double[] Distribution(double temperature, int topK, double topP)
    {
        var weights = s_scores.Select(s => Math.Exp(s / temperature)).ToArray();
        int[] order = [.. Enumerable.Range(0, weights.Length).OrderByDescending(k => weights[k])];
        var kept = order.Take(topK == 0 ? order.Length : topK).ToList();
        var (total, sum, count) = (kept.Sum(k => weights[k]), 0.0, 0);
        while (count < kept.Count && (topP == 1 || sum < topP * total))
        {
            sum += weights[kept[count++]];
        }

        return [.. weights.Select((w, k) => kept.IndexOf(k) is >= 0 and var place && place < count ? w / sum : 0)];
    }
}
