using RnnCodegen.Tests.Decoding;
using Xunit;
using static RnnCodegen.Tests.Training.LinearData;

namespace RnnCodegen.Tests.Training;

public sealed class PredictionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Outputs_are_those_of_Run_sample_by_sample_in_the_order_of_the_set(int batchSize)
    {
        var samples = Samples([3, 1, 5, 2, 5, 4, 1], new Random(1));
        var (model, set) = (new LinearModel(), Set(samples));
        new[] { 2f, -1, 0.5f }.CopyTo(model.Core.Parameters.Edit());
        var predictions = new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.1)) { BatchSize = batchSize }.Predict(set);
        Assert.Equal((7, 1), (predictions.Count, predictions.OutputSize));
        for (var i = 0; i < samples.Length; i++)
        {
            Assert.Equal(samples[i].Y.Length, predictions.StepsOf(i));
            Assert.Equal(samples[i].Y, predictions[i].ToArray());
            Assert.Equal(samples[i].Y[^1], predictions.Row(i, ^1)[0]);
        }

        Assert.Equal(samples.SelectMany(s => s.Y), model.Predict(set, batchSize).Values.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>("step", () => predictions.Row(1, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>("step", () => predictions.Row(1, ^2).Length);
        Assert.Throws<ArgumentOutOfRangeException>("sample", () => predictions[7].Length);
        Assert.Throws<ArgumentOutOfRangeException>("sample", () => predictions.StepsOf(-1));
    }

    [Fact]
    public void Inputs_without_targets_have_the_output_transform_applied_and_classes()
    {
        var model = new BagModel();
        new float[] { 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0 }.CopyTo(model.Core.Parameters.Edit());
        var set = TrainingSet.OfTokens();
        set.AddInput(new[] { 2, 3 });
        set.AddInput(new[] { 0 });
        set.AddInput(new[] { 1, 1, 3 });
        Assert.Null(set.TargetKind);
        var predictions = model.Predict(set);
        Assert.Equal([2, 0, 1], Enumerable.Range(0, 3).SelectMany(predictions.Classes));
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(1, predictions.StepsOf(i)));

        // The kernels by hand have no transform: what Run says is what Predict says.
        var alone = new float[3];
        model.Core.Run([1, 1, 3], alone, 3);
        Assert.Equal(alone, predictions[2].ToArray());
    }

    [Fact]
    public void Sets_that_cannot_be_predicted_or_trained_with_are_refused()
    {
        var set = TrainingSet.OfRows(2);
        var model = new LinearModel();
        Refuse("no samples", () => model.Predict(set));
        set.AddInput(new float[] { 1, 2 });
        Refuse("no targets", () => set.Add(new float[] { 1, 2 }, new float[] { 0 }));
        Refuse("no targets", () => new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.1)).Fit(set, null, 1));
        Refuse("no targets", () => new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.1)).Evaluate(set));
        Refuse("takes tokens", () => TrainingSet.OfTokens().AddInput(new float[] { 1, 2 }));
        Refuse("have targets", () => Set([([1, 2], [1])]).AddInput(new float[] { 1, 2 }));
        Refuse("but Bag takes tokens", () => new BagModel().Predict(set));
        Refuse("attends", () =>
        {
            var tokens = TrainingSet.OfTokens();
            tokens.AddInput(new[] { 1 });
            new TokenCell(TokenCell.Define(4, 4, 3, attends: true)).Predict(tokens);
        });
        Assert.Throws<ArgumentOutOfRangeException>("batchSize", () => model.Predict(set, 0));

        static void Refuse(string part, Action action) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predicting_stops_where_it_is_cancelled()
    {
        var set = Set(Samples([1, 1], new Random(1)));
        var trainer = new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0.1)) { BatchSize = 1 };
        Assert.Throws<OperationCanceledException>(() => trainer.Predict(set, new CancellationToken(canceled: true)));
    }
}
