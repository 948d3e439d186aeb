using RnnCodegen.Reference;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Tests.Decoding;

public sealed class DecoderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.6)]
    [InlineData(2)]
    public void A_wide_beam_finds_what_enumeration_finds(double alpha)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var model = new TokenCell(seed: seed);
            var expected = ReferenceOf(model).Enumerate(0, 3, 4)
                .Select(
                    s => (s.Tokens, s.LogProbability, s.IsComplete,
                        Score: s.LogProbability / Penalty(s.Tokens.Length + (s.IsComplete ? 1 : 0))))
                .OrderByDescending(s => s.Score).ToArray();
            var found = new BeamSearch<TokenCell>(model, 0, 3) { Width = 128, MaxLength = 4, LengthPenalty = alpha }.Search();
            Assert.Equal(121, expected.Length);
            Assert.Equal(expected.Length, found.Count);
            var byTokens = expected.ToDictionary(s => string.Join(" ", s.Tokens) + s.IsComplete);
            for (var i = 0; i < found.Count; i++)
            {
                // The order of equal scores is not the reference's to say.
                var same = byTokens[string.Join(" ", found[i].Tokens) + found[i].IsComplete];
                Assert.Equal(same.LogProbability, found[i].LogProbability, 1e-5);
                Assert.Equal(same.Score, found[i].Score, 1e-5);
                Assert.Equal(expected[i].Score, found[i].Score, 1e-5);
            }

            // A beam that holds less still finds the best where it can drop nothing better: 27 sequences live at most.
            var best = new BeamSearch<TokenCell>(model, 0, 3) { Width = 40, MaxLength = 4, LengthPenalty = alpha }.Search();
            Assert.Equal(found[0].Tokens, best[0].Tokens);
        }

        double Penalty(int length) => Math.Pow((5.0 + length) / 6, alpha);
    }

    [Fact]
    public void Greedy_takes_the_likeliest_token_of_each_step_and_a_beam_of_one_does_the_same()
    {
        var complete = 0;
        for (var seed = 0; seed < 50; seed++)
        {
            var model = new TokenCell(seed: seed);
            var expected = ReferenceOf(model).Greedy(1, 2, 9);
            var greedy = new GreedyDecoder<TokenCell>(model, 1, 2) { MaxLength = 9 }.Decode();
            Assert.Equal(expected.Tokens, greedy.Tokens);
            Assert.Equal(expected.LogProbability, greedy.LogProbability, 1e-5);
            Assert.Equal(expected.IsComplete, greedy.IsComplete);
            var beam = Assert.Single(new BeamSearch<TokenCell>(model, 1, 2) { Width = 1, MaxLength = 9 }.Search());
            Assert.Equal(greedy.Tokens, beam.Tokens);
            Assert.Equal((greedy.LogProbability, greedy.IsComplete), (beam.LogProbability, beam.IsComplete));
            complete += greedy.IsComplete ? 1 : 0;
        }

        Assert.InRange(complete, 5, 45);
    }

    [Theory]
    [InlineData(OutputTransform.Softmax)]
    [InlineData(OutputTransform.LogSoftmax)]
    public void Probabilities_and_their_logarithms_decode_as_scores_do(OutputTransform output)
    {
        var scores = new BeamSearch<TokenCell>(new TokenCell(seed: 4), 0, 3) { MaxLength = 6 }.Search();
        var same = new BeamSearch<TokenCell>(new TokenCell(TokenCell.Define(4, 4, 3, output), 4), 0, 3) { MaxLength = 6 }.Search();
        Assert.Equal(scores.Count, same.Count);
        for (var i = 0; i < same.Count; i++)
        {
            Assert.Equal(scores[i].Tokens, same[i].Tokens);
            Assert.Equal(scores[i].Score, same[i].Score, 1e-5);
        }
    }

    [Fact]
    public void Decoding_starts_at_the_state_given_and_leaves_it()
    {
        var model = new TokenCell(seed: 3);
        var start = model.Core.CreateState();
        model.Core.Step(2, new float[4], start);
        var before = start.Vector("Cell.h_l0").ToArray();
        var reference = ReferenceOf(model);
        var next = reference.Step(reference.Step(reference.Zeros, 2).State, 1).LogProbabilities;
        var greedy = new GreedyDecoder<TokenCell>(model, 1, 3) { MaxLength = 1 };
        var search = new BeamSearch<TokenCell>(model, 1, 3) { MaxLength = 1 };
        Assert.NotEqual(next.Max(), greedy.Decode().LogProbability, 1e-3);
        Assert.Equal(next.Max(), greedy.Decode(start).LogProbability, 1e-5);
        Assert.Equal(next.OrderDescending(), search.Search(start).Select(h => h.LogProbability), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(before, start.Vector("Cell.h_l0").ToArray());
    }

    [Fact]
    public void Greedy_decoding_into_memory_allocates_nothing()
    {
        var greedy = new GreedyDecoder<TokenCell>(new TokenCell(seed: 1), 0, 3);
        var tokens = new int[20];
        Allocation.AssertNone(() => greedy.Decode(null, tokens, out _));
    }

    [Fact]
    public void Models_tokens_and_states_that_do_not_fit_are_refused()
    {
        Refuse("one direction", TokenCell.Define(4, 4, 3, streams: false));
        Refuse("no distribution", TokenCell.Define(4, 4, 3, OutputTransform.Sigmoid));
        Refuse("at least 5 rows", TokenCell.Define(4, 5, 3));
        Assert.Contains("embedding",
            Assert.Throws<ArgumentException>(() => new GreedyDecoder<LinearModel>(new LinearModel(), 0, 0)).Message);
        Assert.Throws<ArgumentOutOfRangeException>("startToken", () => new BeamSearch<TokenCell>(new TokenCell(), 4, 3));
        Assert.Throws<ArgumentOutOfRangeException>("endToken", () => new BeamSearch<TokenCell>(new TokenCell(), 0, -1));
        Assert.Throws<ArgumentOutOfRangeException>("Width", () => new BeamSearch<TokenCell>(new TokenCell(), 0, 3) { Width = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("MaxLength", () => new BeamSearch<TokenCell>(new TokenCell(), 0, 3) { MaxLength = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("LengthPenalty",
            () => new BeamSearch<TokenCell>(new TokenCell(), 0, 3) { LengthPenalty = -1 });

        var model = new TokenCell();
        Assert.Throws<ArgumentException>("start", () => new GreedyDecoder<TokenCell>(model, 0, 3).Decode(model.Core.CreateState(2)));
        Assert.Throws<ArgumentException>("start", () => new BeamSearch<TokenCell>(model, 0, 3).Search(model.Core.CreateState(2)));
        model.Core.Parameters.Edit()[^1] = float.NaN;
        Assert.Throws<InvalidOperationException>(() => new GreedyDecoder<TokenCell>(model, 0, 3).Decode());

        static void Refuse(string part, ModelDefinition definition) =>
            Assert.Contains(part,
                Assert.Throws<ArgumentException>(() => new BeamSearch<TokenCell>(new TokenCell(definition), 0, 3)).Message);
    }

    [Fact]
    public void A_search_of_more_tokens_than_an_array_holds_says_so()
    {
        var search = new BeamSearch<TokenCell>(new TokenCell(), 0, 3) { Width = 1 << 16, MaxLength = 1 << 16 };
        Assert.Contains("Width 65536 and MaxLength 65536", Assert.Throws<InvalidOperationException>(() => search.Search()).Message,
            StringComparison.Ordinal);
    }

    private static TokenCellReference ReferenceOf(TokenCell model) =>
        new(Array.ConvertAll(model.Core.Parameters.Values.ToArray(), v => (double)v), model.Core.Definition);
}
