using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>Metrics against numbers computed by hand.</summary>
public sealed class MetricTests
{
    // Rows of three classes, with the predictions 0 0 1 2 2 1.
    private static readonly float[] Outputs = [5, 1, 2, 3, 2, 1, 0, 1, 0.5f, -3, -2, -1, 0, 0, 4, 1, 7, 2];
    private static readonly int[] Targets = [0, 1, 1, 2, 0, 1];

    [Fact]
    public void More_classes_than_a_matrix_can_have_are_refused()
    {
        Assert.Contains("1 to 46340", Assert.Throws<ArgumentOutOfRangeException>("classes", () => new ConfusionMatrix(46_341)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("classes", () => new MacroF1(100_000));
        Assert.Throws<ArgumentOutOfRangeException>("classes", () => new ConfusionMatrix(0));
    }

    [Fact]
    public void Classes_are_counted()
    {
        var (accuracy, f1, matrix) = (new Accuracy(), new MacroF1(3), new ConfusionMatrix(3));
        foreach (Metric metric in new Metric[] { accuracy, f1, matrix })
        {
            Assert.True(double.IsNaN(metric.Value));

            // In two batches, the second of which has a padded row: time-major, so its last row.
            metric.Add(Outputs.AsSpan(0, 9), new LossTargets(Targets.AsSpan(0, 3)), new LossShape(3, 3));
            metric.Add(
                [.. Outputs.AsSpan(9), 9, 9, 9], new LossTargets([.. Targets.AsSpan(3), 2]), new LossShape(2, 2, 3, [2, 1]));
            Assert.True(metric.HigherIsBetter);
        }

        // Right: rows 0, 2, 3, 5.
        Assert.Equal(4.0 / 6, accuracy.Value, 1e-15);
        Assert.Equal(4.0 / 6, matrix.Value, 1e-15);
        long[,] expected = { { 1, 0, 1 }, { 1, 2, 0 }, { 0, 0, 1 } };
        for (var a = 0; a < 3; a++)
        {
            for (var p = 0; p < 3; p++)
            {
                Assert.Equal(expected[a, p], matrix[a, p]);
            }
        }

        Assert.Equal(6, matrix.Total);
        Assert.Equal((0.5, 1.0, 0.5), (matrix.Precision(0), matrix.Precision(1), matrix.Precision(2)));
        Assert.Equal((0.5, 2.0 / 3, 1.0), (matrix.Recall(0), matrix.Recall(1), matrix.Recall(2)));
        Assert.Equal(0.8, matrix.F1(1), 1e-15);
        Assert.Equal((0.5 + 0.8 + (2.0 / 3)) / 3, f1.Value, 1e-15);
        Assert.Equal("actual     0     1     2\n     0     1     0     1\n     1     1     2     0\n     2     0     0     1",
            matrix.ToString());
        matrix.Reset();
        Assert.Equal((0, 0), (matrix.Total, matrix[1, 1]));
    }

    [Fact]
    public void Macro_F1_is_over_the_classes_that_occur()
    {
        // scikit-learn: f1_score([0, 0, 1], [0, 2, 1], average="macro") = (2/3 + 1 + 0) / 3; class 3 occurs nowhere.
        var matrix = new ConfusionMatrix(4);
        matrix.Add(0, 0);
        matrix.Add(0, 2);
        matrix.Add(1, 1);
        Assert.Equal(((2.0 / 3) + 1 + 0) / 3, matrix.MacroF1, 1e-15);
        Assert.Equal(0, matrix.F1(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Add(4, 0));
    }

    [Fact]
    public void Ignored_rows_count_nowhere_and_other_ids_are_refused()
    {
        var accuracy = new Accuracy { IgnoreIndex = -100 };
        accuracy.Add([1, 0, 0, 1], new LossTargets([0, -100]), new LossShape(2, 2));
        Assert.Equal(1, accuracy.Value);
        Assert.Throws<ArgumentException>("target", () => new Accuracy().Add([1, 0], new LossTargets([2]), new LossShape(1, 2)));
        Assert.Throws<ArgumentException>("output", () => accuracy.Add([1, 0, 0], new LossTargets([0]), new LossShape(1, 2)));
        Assert.Throws<NotSupportedException>(() => new Perplexity().Add([1], new LossTargets([1f]), new LossShape(1, 1)));
        Assert.Throws<ArgumentException>("output", () => new MacroF1(3).Add([1, 0], new LossTargets([0]), new LossShape(1, 2)));
    }

    [Fact]
    public void Yes_and_no_are_right_on_the_same_side()
    {
        var accuracy = new Accuracy();
        accuracy.Add([2, -1, 0.1f, -3], new LossTargets([1f, 0, 0, 1]), new LossShape(2, 2));
        Assert.Equal(0.5, accuracy.Value);
    }

    [Fact]
    public void Perplexity_is_the_exponential_of_the_mean_cross_entropy()
    {
        var perplexity = new Perplexity();
        perplexity.Add([0, 0, 0, 0], new LossTargets([3]), new LossShape(1, 4));
        Assert.Equal(4, perplexity.Value, 1e-6);
        perplexity.Add([0, MathF.Log(3)], new LossTargets([1]), new LossShape(1, 2));
        Assert.Equal(Math.Exp((Math.Log(4) + Math.Log(4.0 / 3)) / 2), perplexity.Value, 1e-6);
        Assert.False(perplexity.HigherIsBetter);
    }

    [Fact]
    public void Errors_of_values_are_means_over_elements()
    {
        var (rmse, mae, mape) = (new RootMeanSquaredError(), new MeanAbsoluteError(), new MeanAbsolutePercentageError());
        foreach (ElementError metric in new ElementError[] { rmse, mae, mape })
        {
            // Errors 1, -2, 3 of targets 2, 4, -1; the fourth is past the sample's length.
            metric.Add([3, 2], new LossTargets([2f, 4]), new LossShape(1, 2, 1));
            metric.Add([2, 9], new LossTargets([-1f, 0]), new LossShape(2, 1, 1, [1]));
            Assert.False(metric.HigherIsBetter);
        }

        Assert.Equal(Math.Sqrt(14.0 / 3), rmse.Value, 1e-12);
        Assert.Equal(2, mae.Value, 1e-12);
        Assert.Equal((0.5 + 0.5 + 3) / 3, mape.Value, 1e-12);
        mape.Reset();
        mape.Add([1f], [0f]);
        Assert.Equal(Math.Pow(2, 52), mape.Value);
    }

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("saturday", "sunday", 3)]
    [InlineData("rosettacode", "raisethysword", 8)]
    public void Edit_distances_are_Levenshteins(string a, string b, int expected)
    {
        Assert.Equal(expected, EditDistance.Of<char>(a, b));
        Assert.Equal(expected, EditDistance.Of<char>(b, a));

        // Longer than what fits on the stack.
        var common = new string('x', 300);
        Assert.Equal(expected, EditDistance.Of<char>(common + a, common + b));
    }

    [Fact]
    public void Error_rates_divide_all_edits_by_all_references()
    {
        var (cer, wer) = (new CharacterErrorRate(), new WordErrorRate());
        cer.Add("kitten", "sitting");
        cer.Add("\U0001F600b", "\U0001F601b");
        Assert.Equal(4.0 / 9, cer.Value, 1e-15);
        wer.Add("the cat  sat on mat", "the cat sat on the mat");
        wer.Add("a", " a b\tc ");
        Assert.Equal(3.0 / 9, wer.Value, 1e-15);
        wer.Reset();
        wer.Add("", "a");
        Assert.Equal(1, wer.Value);
    }

    [Fact]
    public void Words_of_classes_stand_between_separators()
    {
        var wer = new WordErrorRate { Separator = 0 };
        wer.Add([1, 2, 0, 3], [1, 2, 0, 0, 4, 0, 3]);
        Assert.Equal(1.0 / 3, wer.Value, 1e-15);
        Assert.Throws<InvalidOperationException>(() => new WordErrorRate().Add([1], [1]));
    }

    [Fact]
    public void Outputs_are_decoded_as_CTC_does()
    {
        // One sample of six steps says - a a - a b, with the blank at class 0: the labels a a b. Another has two valid steps: b -.
        int[] said = [0, 2, 1, 0, 1, 1, 0, 1, 1, 1, 2, 1];
        var outputs = new float[said.Length * 3];
        for (var i = 0; i < said.Length; i++)
        {
            outputs[(3 * i) + said[i]] = 1;
        }

        var cer = new CharacterErrorRate { Blank = 0 };
        cer.Add(outputs, new LossTargets([1, 2, 2, 1], [2, 2]), new LossShape(6, 2, 3, [6, 2]));

        // a a b for a b is one edit; b for b a is another.
        Assert.Equal(2.0 / 4, cer.Value, 1e-15);

        // Without a blank each step says its class, and targets of classes are the reference.
        var plain = new CharacterErrorRate { IgnoreIndex = -1 };
        plain.Add(outputs.AsSpan(0, 6), new LossTargets([0, -1]), new LossShape(2, 1, 3));
        Assert.Equal(1, plain.Value);
    }

    [Fact]
    public void Adding_allocates_nothing()
    {
        var (output, values, shape) = (new float[60], new float[60], (Steps: 4, Batch: 5, Features: 3));
        var classes = new int[20];
        Metric[] ofClasses = [new Accuracy(), new MacroF1(3), new ConfusionMatrix(3), new Perplexity(), new CharacterErrorRate(),
            new WordErrorRate { Separator = 0 }];
        Metric[] ofValues = [new RootMeanSquaredError(), new MeanAbsoluteError(), new MeanAbsolutePercentageError(), new Accuracy()];
        Allocation.AssertNone(() =>
        {
            foreach (var metric in ofClasses)
            {
                metric.Add(output, new LossTargets(classes), new LossShape(shape.Steps, shape.Batch, shape.Features));
            }

            foreach (var metric in ofValues)
            {
                metric.Add(output, new LossTargets(values), new LossShape(shape.Steps, shape.Batch, shape.Features));
            }
        });
    }

    [Fact]
    public void A_matrix_shows_its_classes_names()
    {
        var matrix = new ConfusionMatrix(3) { Labels = ["cat", "dog", "elephant"] };
        matrix.Add(0, 0);
        matrix.Add(2, 1);
        Assert.Equal(
            """
            actual     cat   dog  elephant
            cat          1     0         0
            dog          0     0         0
            elephant     0     1         0
            """.ReplaceLineEndings("\n"),
            matrix.ToString());
        Assert.Equal("elephant", matrix.Labels![2]);
        Assert.Same(matrix, new MacroF1(matrix).Matrix);
        Assert.Contains("2 labels for 3 classes", Assert.Throws<ArgumentException>(
            "Labels", () => new ConfusionMatrix(3) { Labels = ["a", "b"] }).Message);
        Assert.Throws<ArgumentException>("Labels", () => new ConfusionMatrix(1) { Labels = [" "] });
        Assert.Null(new ConfusionMatrix(2).Labels);
    }
}
