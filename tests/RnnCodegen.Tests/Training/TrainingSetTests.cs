using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>Sets that a model or loss cannot take are refused before anything is trained.</summary>
public sealed class TrainingSetTests
{
    private static readonly float[] Row = [1, 2];
    private static readonly int[] Class = [0];

    [Fact]
    public void A_set_knows_its_size_and_longest_sample()
    {
        var set = TrainingSet.OfRows(2);
        Assert.Equal((0, 0), (set.Count, set.MaxSteps));
        set.Add(new float[6], new float[3]);
        set.Add(new float[2], new float[1]);
        Assert.Equal((2, 3), (set.Count, set.MaxSteps));
        Assert.False(set.TakesTokens);
    }

    [Fact]
    public void Samples_that_do_not_fit_the_set_are_refused()
    {
        var rows = TrainingSet.OfRows(2);
        rows.Add(Row, new float[1]);
        Assert.Throws<ArgumentException>("rows", () => rows.Add(new float[3], new float[1]));
        Assert.Throws<ArgumentException>("rows", () => rows.Add(Array.Empty<float>(), new float[1]));
        Assert.Throws<ArgumentException>("tokens", () => rows.Add(new int[2], new float[1]));
        Assert.Throws<ArgumentException>("target", () => rows.Add(Row, Class));

        var tokens = TrainingSet.OfTokens();
        tokens.Add(new int[2], 1);
        Assert.Throws<ArgumentException>("tokens", () => tokens.Add(Array.Empty<int>(), 1));
        Assert.Throws<ArgumentException>("rows", () => tokens.Add(Row, 1));
        Assert.Throws<ArgumentException>("target", () => tokens.Add(new int[2], new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>("inputSize", () => TrainingSet.OfRows(0));
        Assert.Equal((1, 1), (rows.Count, tokens.Count));
    }

    [Fact]
    public void Sets_that_do_not_fit_the_model_or_loss_are_refused()
    {
        AssertRefused(Loss.MeanSquaredError, TrainingSet.OfRows(2), "no samples");
        AssertRefused(Loss.MeanSquaredError, With(3, new float[3], new float[1]),
            "rows of 3 features, but Linear takes rows of 2 features");
        AssertRefused(Loss.CrossEntropy, With(2, Row, new float[1]), "targets are values (float), but the loss takes class ids (int)");
        AssertRefused(Loss.MeanSquaredError, With(2, Row, new float[2]),
            "Sample 0 of 1 steps has 2 target elements, but Linear and the loss need 1");
        AssertRefused(Loss.MeanSquaredError, Tokens([1], new float[1]), "the set has tokens, but Linear takes rows of 2 features");

        var bag = new Trainer<BagModel>(new BagModel(), Loss.CrossEntropy, new Sgd(1));
        AssertBagRefused(Tokens([1, 4], [0]), "Token 4 at position 1 of sample 0 is not from 0 to 3");
        AssertBagRefused(Tokens([1, -1], [0]), "Token -1 at position 1 of sample 0");
        AssertBagRefused(Tokens([1, 2], [3]), "Class id 3 at step 0 of sample 0 is not from 0 to 2");
        AssertBagRefused(Tokens([1, 2], [0, 1]), "Sample 0 of 2 steps has 2 target elements, but Bag and the loss need 1");

        void AssertBagRefused(TrainingSet set, string message) => Assert.Contains(
            message, Assert.Throws<ArgumentException>("training", () => bag.Fit(set, null, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_of_each_kind_and_weights_are_kept_apart()
    {
        var values = TrainingSet.OfRows(2);
        Assert.Null(values.TargetKind);
        values.Add(Row, new float[1], weight: 2);
        Assert.Equal(TargetKind.Values, values.TargetKind);
        Assert.Throws<ArgumentException>("target", () => values.AddLabels(Row, Class));
        Assert.Throws<ArgumentException>("weight", () => values.Add(Row, new float[1], -1));
        Assert.Throws<ArgumentException>("weight", () => values.Add(Row, new float[1], float.NaN));

        var labels = TrainingSet.OfTokens();
        labels.AddLabels(new int[2], Array.Empty<int>());
        Assert.Equal(TargetKind.Labels, labels.TargetKind);
        Assert.Throws<ArgumentException>("target", () => labels.Add(new int[2], 1));
        Assert.Throws<ArgumentException>("tokens", () => labels.AddLabels(Array.Empty<int>(), Class));
        Assert.Throws<ArgumentException>("rows", () => labels.AddLabels(Row, Class));
        Assert.Equal((1, 1), (values.Count, labels.Count));
    }

    [Fact]
    public void Targets_that_a_loss_cannot_take_are_refused()
    {
        AssertRefused(Loss.BinaryCrossEntropy, With(2, Row, new float[] { 1.5f }),
            "Target 1.5 of feature 0 at step 0 of sample 0 is not from 0 to 1");
        AssertRefused(
            new QuantileLoss(0.1f, 0.9f), With(2, Row, new float[1]),
            "The loss does not fit Linear: 1 output features are not a multiple of the 2 quantiles");
        AssertRefused(
            new HuberLoss { Window = LossWindow.After(1) }, With(2, Row, new float[1]),
            "No target of the set counts in the loss, which is over all steps but the first 1");

        var set = TrainingSet.OfRows(2);
        set.Add(Row, new float[1], weight: 0);
        AssertRefused(Loss.Huber, set, "No target of the set counts in the loss");
        AssertRefused(Loss.Ctc, set, "targets are values (float), but the loss takes label sequences (int)");

        AssertBagRefused(new CrossEntropyLoss { ClassWeights = [1, 2] }, "The loss does not fit Bag: The loss has 2 class weights", 0);
        AssertBagRefused(new CrossEntropyLoss { IgnoreIndex = -100 }, "Class id -1 at step 0 of sample 1 is not from 0 to 2", -100, -1);
        AssertBagRefused(new CrossEntropyLoss { IgnoreIndex = -100 }, "No target of the set counts", -100);

        static void AssertBagRefused(Loss loss, string message, params int[] classes)
        {
            var set = TrainingSet.OfTokens();
            foreach (var id in classes)
            {
                set.Add(new[] { 1 }, id);
            }

            var trainer = new Trainer<BagModel>(new BagModel(), loss, new Sgd(1));
            Assert.Contains(message, Assert.Throws<ArgumentException>("set", () => trainer.Evaluate(set)).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        var (model, loss) = (new LinearModel(), Loss.MeanSquaredError);
        Assert.Throws<ArgumentOutOfRangeException>("ClipNorm", () => new Trainer<LinearModel>(model, loss, new Sgd(1)) { ClipNorm = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("ClipNorm",
            () => new Trainer<LinearModel>(model, loss, new Sgd(1)) { ClipNorm = float.NaN });
        Assert.Throws<ArgumentOutOfRangeException>("BatchSize", () => new Trainer<LinearModel>(model, loss, new Sgd(1)) { BatchSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(
            "epochs", () => new Trainer<LinearModel>(model, loss, new Sgd(1)).Fit(With(2, Row, new float[1]), null, -1));
    }

    private static void AssertRefused(Loss loss, TrainingSet bad, string message)
    {
        var model = new LinearModel();
        var trainer = new Trainer<LinearModel>(model, loss, new Sgd(1));
        AssertRefusal("training", () => trainer.Fit(bad, null, 1));
        AssertRefusal("set", () => trainer.Evaluate(bad));
        if (loss == Loss.MeanSquaredError)
        {
            AssertRefusal("validation", () => trainer.Fit(With(2, Row, new float[1]), bad, 1));
        }

        Assert.Empty(model.Calls);

        void AssertRefusal(string argument, Action action) =>
            Assert.Contains(message, Assert.Throws<ArgumentException>(argument, action).Message, StringComparison.OrdinalIgnoreCase);
    }

    private static TrainingSet With(int inputSize, float[] rows, float[] target)
    {
        var set = TrainingSet.OfRows(inputSize);
        set.Add(rows, target);
        return set;
    }

    private static TrainingSet Tokens(int[] tokens, float[] target)
    {
        var set = TrainingSet.OfTokens();
        set.Add(tokens, target);
        return set;
    }

    private static TrainingSet Tokens(int[] tokens, int[] target)
    {
        var set = TrainingSet.OfTokens();
        set.Add(tokens, target);
        return set;
    }
}
