using RnnCodegen.Reference;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Tests.Decoding;

public sealed class CtcDecoderTests
{
    [Theory]
    [InlineData(1, 3, 0)]
    [InlineData(4, 2, 1)]
    [InlineData(5, 3, 0)]
    [InlineData(4, 4, 2)]
    public void A_wide_beam_finds_every_sequence_with_the_sum_over_all_its_alignments(int steps, int classes, int blank)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var output = LossReference.Uniform(new Random(seed), steps * classes);
            var all = Enumerate(output, classes, blank);
            var found = new CtcBeamSearch(classes, blank) { Width = 1000 }.Search(output);
            Assert.Equal(all.Count, found.Count);
            Assert.Equal(1, found.Sum(h => Math.Exp(h.LogProbability)), 1e-6);
            for (var i = 0; i < found.Count; i++)
            {
                var expected = -CtcReference.OfAllAlignments(
                    [.. output.Select(y => (double)y)], classes, [.. found[i].Tokens], blank);
                Assert.Equal(expected, found[i].LogProbability, 1e-6);
                Assert.Equal(all[string.Join(" ", found[i].Tokens)], Math.Exp(found[i].LogProbability), 1e-6);
                Assert.True(i == 0 || found[i].Score <= found[i - 1].Score);
            }
        }
    }

    [Fact]
    public void A_narrow_beam_keeps_the_best_and_never_says_more_than_there_is()
    {
        const int Classes = 4;
        var (search, right, better) = (new CtcBeamSearch(Classes) { Width = 8 }, 0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var output = LossReference.Uniform(new Random(seed), 6 * Classes);
            var all = Enumerate(output, Classes, 0);
            var found = search.Search(output);
            Assert.Equal(8, found.Count);
            Assert.Equal(8, found.Select(h => string.Join(" ", h.Tokens)).Distinct().Count());
            Assert.All(found, h => Assert.True(Math.Exp(h.LogProbability) <= all[string.Join(" ", h.Tokens)] + 1e-6));
            right += all[string.Join(" ", found[0].Tokens)] == all.Values.Max() ? 1 : 0;
            better += new CtcGreedyDecoder(Classes).Decode(output).Tokens.SequenceEqual(found[0].Tokens) ? 0 : 1;
        }

        // The best path alone is not the best sequence in many of these.
        Assert.InRange(right, 55, 60);
        Assert.InRange(better, 5, 60);
    }

    [Fact]
    public void The_best_path_merges_runs_and_leaves_blanks_out()
    {
        // Classes a a - a b b - - b, with the blank last.
        int[] path = [0, 0, 2, 0, 1, 1, 2, 2, 1];
        float[] output = [.. path.SelectMany(k => Enumerable.Range(0, 3).Select(j => j == k ? 2f : 0))];
        var decoder = new CtcGreedyDecoder(3, blankIndex: 2);
        var found = decoder.Decode(output);
        Assert.Equal([0, 0, 1, 1], found.Tokens);
        Assert.Equal(9 * (2 - Math.Log(Math.Exp(2) + 2)), found.LogProbability, 1e-6);
        var labels = new int[4];
        Assert.Equal(4, decoder.Decode(output, labels));
        Assert.Equal([0, 0, 1, 1], labels);
        Assert.Contains("9 places", Assert.Throws<ArgumentException>("labels", () => decoder.Decode(output, new int[3])).Message);
        Assert.Empty(decoder.Decode([]).Tokens);
    }

    [Theory]
    [InlineData(OutputTransform.Softmax)]
    [InlineData(OutputTransform.LogSoftmax)]
    public void Probabilities_and_their_logarithms_decode_as_scores_do(OutputTransform output)
    {
        var scores = LossReference.Uniform(new Random(1), 5 * 3);
        float[] rows = [.. scores.Chunk(3).SelectMany(
            row => RowTransform.Of(output, [.. row.Select(y => (double)y)]).Select(v => (float)v))];
        var (expected, found) = (new CtcBeamSearch(3).Search(scores), new CtcBeamSearch(3) { Output = output }.Search(rows));
        Assert.Equal(expected.Select(h => string.Join(" ", h.Tokens)), found.Select(h => string.Join(" ", h.Tokens)));
        Assert.Equal(expected[0].LogProbability, found[0].LogProbability, 1e-5);
        Assert.Equal(
            new CtcGreedyDecoder(3).Decode(scores).LogProbability, new CtcGreedyDecoder(3) { Output = output }.Decode(rows).LogProbability,
            1e-5);
    }

    [Fact]
    public void Only_results_are_allocated()
    {
        var output = LossReference.Uniform(new Random(1), 40 * 5);
        var (greedy, search, labels) = (new CtcGreedyDecoder(5), new CtcBeamSearch(5) { Width = 4 }, new int[40]);
        Allocation.AssertNone(() => greedy.Decode(output, labels));
        search.Search(output);
        var found = search.Search(output);

        // Four sequences, each built in a list that doubles.
        Assert.InRange(Allocation.Of(() => search.Search(output)), 1, 4 * (16 * found.Max(h => h.Tokens.Count) + 400));
    }

    [Fact]
    public void What_cannot_be_decoded_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("classes", () => new CtcGreedyDecoder(1));
        Assert.Throws<ArgumentOutOfRangeException>("blankIndex", () => new CtcBeamSearch(3, 3));
        Assert.Throws<ArgumentOutOfRangeException>("Width", () => new CtcBeamSearch(3) { Width = 0 });
        Assert.Throws<ArgumentException>("Output", () => new CtcBeamSearch(3) { Output = OutputTransform.Sigmoid });
        Assert.Throws<ArgumentException>("output", () => new CtcBeamSearch(3).Search(new float[4]));
        Assert.Contains("step 1", Assert.Throws<ArgumentException>(
            "output", () => new CtcGreedyDecoder(2).Decode([0, 0, 0, float.NaN])).Message);
        Assert.Throws<ArgumentException>("output", () => new CtcBeamSearch(2) { Output = OutputTransform.Softmax }.Search([0f, 0]));
    }

    /// <summary>The probability of every sequence of labels, by all sequences of classes.</summary>
    private static Dictionary<string, double> Enumerate(float[] output, int classes, int blank)
    {
        double[][] rows = [.. output.Chunk(classes).Select(row => RowTransform.LogSoftmax([.. row.Select(y => (double)y)]).ToArray())];
        var all = new Dictionary<string, double>();
        for (var path = 0; path < (int)Math.Pow(classes, rows.Length); path++)
        {
            var (said, rest, last, log) = (new List<int>(), path, -1, 0.0);
            foreach (var row in rows)
            {
                var k = rest % classes;
                log += row[k];
                if (k != last && k != blank)
                {
                    said.Add(k);
                }

                (last, rest) = (k, rest / classes);
            }

            var key = string.Join(" ", said);
            all[key] = all.GetValueOrDefault(key) + Math.Exp(log);
        }

        return all;
    }
}
