using TextGeneration;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The parts of samples/TextGeneration, and a training of seconds.</summary>
public sealed class TextGenerationTests
{
    private static readonly string s_novel = Path.Combine(AppContext.BaseDirectory, "novel");

    [Fact]
    public void Letters_come_back_and_others_are_left_out() =>
        Assert.Equal("Oh dear!\n~ ", Alphabet.Decode(Alphabet.Encode("\u201cOh\r dear!\u201d\n~ ")));

    [Fact]
    public void Witten_and_Bells_rule_is_that_of_its_definition()
    {
        var text = Alphabet.Encode("aab");
        var p0 = (1 + (2.0 / Alphabet.Size)) / 5; // b is one of 3 characters of 2 kinds
        var p1 = (1 + (2 * p0)) / 4;              // after a come a and b, once each
        var first = (2 + (2.0 / Alphabet.Size)) / 5;
        var losses = new NGram(text).Losses(text);
        Assert.Equal(-(Math.Log(first) + Math.Log(p0)) / 2, losses[0], 12);
        Assert.Equal(-(Math.Log((1 + (2 * first)) / 4) + Math.Log(p1)) / 2, losses[1], 12);
        Assert.Equal(-(Math.Log((1 + (2 * first)) / 4) + Math.Log((1 + p1) / 2)) / 2, losses[2], 12);
    }

    [Fact]
    public void A_text_is_divided_in_order_without_a_gap()
    {
        var text = Enumerable.Range(0, 1000).ToArray();
        var corpus = Corpus.Split(text);
        int[] joined = [.. corpus.Training.Span, .. corpus.Validation.Span];
        Assert.Equal(text, joined);
        Assert.Equal(100, corpus.Validation.Length);
    }

    [Fact]
    public void A_short_training_beats_the_letters_frequencies_and_a_reloaded_model_writes_the_same()
    {
        var corpus = Corpus.Read(s_novel, isShort: true);
        var model = new CharacterModel(seed: 1);
        new Training(Epochs: 2, Streams: 8, Rate: 3e-3).Fit(model, corpus, seed: 1);
        var loss = Reading.Loss(model, corpus.Validation.Span);
        var single = new NGram(corpus.Training.Span).Losses(corpus.Validation.Span)[0];
        Assert.True(loss < 0.9 * single, $"{loss} nats, {single} by single letters");

        var file = Path.GetTempFileName();
        try
        {
            model.Save(file);
            Assert.Equal(Write(model), Write(CharacterModel.Load(file)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void The_likeliest_character_alone_leaves_no_choice()
    {
        var model = new CharacterModel(seed: 1);
        Assert.Equal(Write(model, topK: 1, seed: 1), Write(model, topK: 1, seed: 2));
        Assert.NotEqual(Write(model, seed: 1), Write(model, seed: 2));
    }

    private static string Write(CharacterModel model, int topK = 0, int seed = 3) =>
        string.Concat(Writing.Continue(model, "Alice ", 50, new TokenSampler(seed) { Temperature = 0.8, TopK = topK }));
}
