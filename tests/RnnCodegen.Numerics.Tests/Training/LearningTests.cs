using System.Numerics.Tensors;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Training;

/// <summary>Tasks that only a model learns whose gradients and training are right, over many steps of time.</summary>
public class LearningTests
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz ,.";

    private const string Text =
        "a river does not hurry, and yet it arrives. it bends around the hill it cannot move, and fills the hollow it cannot cross, " +
        "where it waits until it is deep enough to go on. those who sit on its bank for an afternoon see only water, those who come back " +
        "after twenty years find that the hill is smaller, the valley wider, and the river still in no hurry at all.";

    [Theory]
    [InlineData(50, 8)]
    [InlineData(100, 8)]
    public void A_gru_learns_to_add_two_numbers_far_apart(int steps, int epochs) => LearnToAdd(new AddingGru(1), steps, epochs);

    [Theory]
    [InlineData(50, 10)]
    [InlineData(100, 12)]
    public void An_lstm_learns_to_add_two_numbers_far_apart(int steps, int epochs)
    {
        // Forget gates that start open let the gradient through until something is learnt (Jozefowicz et al., 2015).
        var model = new AddingLstm(1);
        var bias = model.Parameters["Memory.bias_ih_l0"];
        bias.Edit().Slice(bias.Info.Length / 4, bias.Info.Length / 4).Fill(2);
        LearnToAdd(model, steps, epochs);
    }

    [Fact]
    public void A_text_is_learnt_in_short_windows() => Assert.InRange(Memorise(new Reciter(1), new Truncation(16)), 1, 1.05);

    [Fact]
    public void A_text_is_learnt_by_heart_where_every_letter_has_a_past()
    {
        var model = new Reciter(1);
        Assert.InRange(Memorise(model, new Truncation(8, 24)), 1, 1.02);
        Assert.Equal(Text, Recite(model));
    }

    /// <summary>Learns the text; returns the perplexity.</summary>
    private static double Memorise(Reciter model, Truncation truncation)
    {
        const int epochs = 80;
        var tokens = Text.Select(letter => Alphabet.IndexOf(letter, StringComparison.Ordinal)).ToArray();
        var set = TrainingStreams.NextToken(tokens, 1);
        var trainer = new Trainer<Reciter>(model, Loss.CrossEntropy, new Adam(0.01))
        {
            ClipNorm = 1, Truncation = truncation, Metrics = [new Perplexity()],
            Schedule = new CosineSchedule(epochs) { Unit = ScheduleUnit.Epoch },
        };
        return trainer.Fit(set, set, epochs).Metrics[0].Value;
    }

    /// <summary>
    /// The adding problem (Hochreiter and Schmidhuber, 1997): two of many numbers are marked, one in each half; their sum is wanted.
    /// </summary>
    private static void LearnToAdd<TModel>(TModel model, int steps, int epochs)
        where TModel : class, IRnnModel<TModel>
    {
        model.Core.MaxThreads = 1; // results are those of a number of threads
        var (training, _) = Sums(1, 5000, steps);
        var (test, sums) = Sums(2, 1000, steps);
        var mean = sums.Average();
        Assert.InRange(sums.Average(sum => (sum - mean) * (sum - mean)), 0.14, 0.2); // 1/6 is the error of whoever knows the mean alone
        var result = new Trainer<TModel>(model, Loss.MeanSquaredError, new Adam(0.01)) { ClipNorm = 1 }.Fit(training, test, epochs);
        Assert.InRange(result.ValidationLosses[^1], 0, 0.005f);
    }

    private static (TrainingSet Set, List<double> Sums) Sums(int seed, int count, int steps)
    {
        var (samples, set, sums) = (new Samples(seed), TrainingSet.OfRows(2), new List<double>());
        for (var sample = 0; sample < count; sample++)
        {
            var numbers = samples.Uniform(steps, 0.5, 0.5);
            var marks = samples.Integers(2, steps / 2);
            marks[1] += steps / 2;
            var rows = numbers.SelectMany((number, t) => new[] { number, marks.Contains(t) ? 1 : 0 });
            sums.Add(marks.Sum(t => numbers[t]));
            set.Add(TestModel.Narrow([.. rows]), TestModel.Narrow([sums[^1]]));
        }

        return (set, sums);
    }

    /// <summary>The text from its first letter on; each letter said is the next one heard.</summary>
    private static string Recite(Reciter model)
    {
        using var stream = model.CreateStream();
        var scores = new float[Reciter.OutputSize];
        var text = Text[..1];
        while (text.Length < Text.Length)
        {
            stream.Step(Alphabet.IndexOf(text[^1], StringComparison.Ordinal), scores);
            text += Alphabet[TensorPrimitives.IndexOfMax<float>(scores)];
        }

        return text;
    }
}
