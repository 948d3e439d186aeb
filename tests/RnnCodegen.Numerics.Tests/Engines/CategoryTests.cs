using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>What is said of columns that hold no ids, and that nothing is computed then; training of models with them.</summary>
public class CategoryTests
{
    private readonly CategoriesBetween _model = new(seed: 1);

    [Theory]
    [InlineData(5f)]
    [InlineData(-1f)]
    [InlineData(1.5f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Values_that_are_no_ids_are_refused_with_their_place(float value)
    {
        var x = new float[2 * 3 * 20];
        x[(((1 * 3) + 2) * 20) + 18] = value;
        var y = Enumerable.Repeat(7f, 2 * 3 * 3).ToArray();
        var told = FormattableString.Invariant($"Column 18 at step 1 of sample 2 is {value}, no category of Shop of ") +
            "RnnCodegen.Numerics.Tests.Models.CategoriesBetween: ids are whole numbers from 0 to 4.";
        Assert.StartsWith(told, Assert.Throws<ArgumentOutOfRangeException>("x", () => _model.Run(x, y, 2, 3)).Message);
        Assert.StartsWith(
            told, Assert.Throws<ArgumentOutOfRangeException>("x", () => _model.Forward(x, y, _model.CreateTape(2, 3))).Message);
        Assert.Throws<ArgumentOutOfRangeException>("x", () => _model.Step(x.AsSpan(100, 20), y.AsSpan(0, 3), _model.CreateState()));
        Assert.All(y, v => Assert.Equal(7f, v));
    }

    [Fact]
    public void The_summary_names_the_columns() => Assert.Contains(
        "rows of 20 features (column 18: Shop 0 to 4, column 3: Product 0 to 29, column 19: Holiday 0 to 1) in", _model.Summary());

    [Fact]
    public void A_golden_pair_with_anything_but_ids_is_refused()
    {
        GoldenPair pair = GoldenPair.Record(_model, Rows(4, 2), 4, 2);
        Assert.True(pair.Compare(_model).Passed);
        var other = GoldenPair.Record(new OtherIds(seed: 1), [.. Rows(4, 2).Select((v, i) => i % 20 == 18 ? 9 : v)], 4, 2);
        Assert.Contains(
            "Column 18 at step 0 of sample 0 is 9, no category of Shop",
            Assert.Throws<InvalidDataException>(() => other.Compare(_model)).Message);
    }

    [Fact]
    public void Rows_past_a_length_may_hold_anything()
    {
        var x = Rows(4, 3);
        var (clean, dirty) = (Outputs(x), Outputs([.. x.Select((v, i) => i / (3 * 20) > 1 && (i / 20) % 3 == 1 ? float.NaN : v)]));
        Assert.Equal(clean.Y, dirty.Y);
        Assert.Equal(clean.Gradients, dirty.Gradients);

        (float[] Y, float[] Gradients) Outputs(float[] rows)
        {
            int[] lengths = [4, 2, 3];
            var (y, run, tape, gradients) = (new float[36], new float[36], _model.CreateTape(4, 3), _model.CreateGradients());
            _model.Run(rows, run, 4, 3, lengths);
            _model.Forward(rows, y, tape, lengths);
            _model.Backward(Enumerable.Repeat(1f, 36).ToArray(), [], tape, gradients);
            return ([.. y, .. run], gradients.Values.ToArray());
        }
    }

    [Fact]
    public void A_set_is_refused_with_the_sample_and_step_of_a_value_that_is_no_id()
    {
        var set = TrainingSet.OfRows(20);
        set.Add(Rows(4, 1), new float[12]);
        var x = Rows(4, 1);
        x[(2 * 20) + 19] = 2;
        set.Add(x, new float[12]);
        var trainer = new Trainer<CategoriesBetween>(_model, Loss.MeanSquaredError, new Sgd(0.1));
        Assert.StartsWith(
            "Column 19 at step 2 of sample 1 is 2, no category of Holiday of",
            Assert.Throws<ArgumentException>(() => trainer.Fit(set, null, 1)).Message);
    }

    [Fact]
    public void Gradients_pass_the_check_and_ids_have_none()
    {
        var set = TrainingSet.OfRows(20);
        var samples = new Random(3);
        for (var i = 0; i < 4; i++)
        {
            set.Add(Rows(5, 1, seed: i), Enumerable.Range(0, 15).Select(_ => samples.NextSingle()).ToArray());
        }

        var report = GradientCheck.Run(_model, Loss.MeanSquaredError, set);
        Assert.True(report.Passed, report.ToString());

        var (tape, dx) = (_model.CreateTape(5, 1), Enumerable.Repeat(9f, 100).ToArray());
        _model.Forward(Rows(5, 1), new float[15], tape);
        _model.Backward(Enumerable.Repeat(1f, 15).ToArray(), dx, tape, _model.CreateGradients());
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal((i % 20) is 3 or 18 or 19, dx[i] == 0));
    }

    [Fact]
    public void A_normaliser_that_scales_ids_is_not_saved_with_the_model()
    {
        var (set, raw, rows) = (TrainingSet.OfRows(20), Rows(9, 1), new float[9 * 20]);
        set.Add(raw, new float[27]);
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        var error = Assert.Throws<ArgumentException>("normalizer", () => _model.Save(path, Normalizer.Fit(set, unscaled: [3, 18])));
        Assert.StartsWith("The normaliser scales column 19, which Holiday of", error.Message);
        try
        {
            var normalizer = Normalizer.Fit(set, unscaled: [3, 18, 19]);
            _model.Save(path, normalizer);
            Normalizer.Load(path).NormalizeInputs(raw, rows);
            Assert.All(Enumerable.Range(0, 9), t => Assert.Equal(raw[(t * 20) + 18], rows[(t * 20) + 18]));
            _model.Run(rows, new float[27], 9);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_category_that_decides_the_target_is_learned()
    {
        // The target is a number for each day, which no line through the ids is near to.
        float[] ofDay = [0.9f, -0.8f, 0.1f, 0.7f, -0.9f, 0.5f, -0.2f];
        var (random, set) = (new Random(5), TrainingSet.OfRows(4));
        for (var i = 0; i < 200; i++)
        {
            var x = new float[5 * 4];
            var y = new float[5 * 2];
            for (var t = 0; t < 5; t++)
            {
                var day = random.Next(7);
                (x[t * 4], x[(t * 4) + 1]) = (day, random.NextSingle());
                (y[t * 2], y[(t * 2) + 1]) = (ofDay[day], x[(t * 4) + 1]);
            }

            set.Add(x, y);
        }

        var trainer = new Trainer<CategoryFirst>(new CategoryFirst(seed: 2), Loss.MeanSquaredError, new AdamW(0.01)) { BatchSize = 20 };
        trainer.Fit(set, null, epochs: 30);
        Assert.True(trainer.Evaluate(set) < 0.01f);
    }

    private static float[] Rows(int steps, int batch, int seed = 1)
    {
        var random = new Random(seed);
        var x = new float[steps * batch * 20];
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = (i % 20) switch { 3 => random.Next(30), 18 => random.Next(5), 19 => random.Next(2), _ => random.NextSingle() - 0.5f };
        }

        return x;
    }
}

/// <summary>Takes the same rows with more ids.</summary>
[RnnModel(InputSize = 20)]
public partial class OtherIds
{
    [Embedding(50, 2, Column = 18)] public partial EmbeddingLayer Shop { get; }

    [Dense(3)] public partial DenseLayer Head { get; }
}
