using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>A loss is refused where it would train another function than the model computes, before anything is touched.</summary>
public sealed class LossFitTests
{
    private static readonly Dictionary<string, Loss> s_losses = new()
    {
        ["MSE"] = Loss.MeanSquaredError, ["MAE"] = Loss.MeanAbsoluteError, ["Huber"] = Loss.Huber,
        ["quantiles"] = new QuantileLoss(0.1f, 0.5f, 0.9f),
        ["binary"] = Loss.BinaryCrossEntropy, ["cross"] = Loss.CrossEntropy, ["CTC"] = Loss.Ctc,
    };

    public static TheoryData<string, OutputTransform> Pairs()
    {
        var data = new TheoryData<string, OutputTransform>();
        foreach (var loss in s_losses.Keys)
        {
            foreach (var output in Enum.GetValues<OutputTransform>())
            {
                data.Add(loss, output);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_loss_takes_the_transforms_it_computes_itself(string name, OutputTransform output)
    {
        OutputTransform[] taken = name switch
        {
            "binary" => [OutputTransform.None, OutputTransform.Sigmoid],
            "cross" or "CTC" => [OutputTransform.None, OutputTransform.Softmax, OutputTransform.LogSoftmax],
            _ => [OutputTransform.None],
        };
        var model = new ShapedModel(output);
        if (taken.Contains(output))
        {
            _ = new Trainer<ShapedModel>(model, s_losses[name], new Sgd(1));
            return;
        }

        var error = Assert.Throws<ArgumentException>("loss", () => new Trainer<ShapedModel>(model, s_losses[name], new Sgd(1)));
        Assert.Contains($"Run and Step apply {output}", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("loss", () => GradientCheck.Run(model, s_losses[name], TrainingSet.OfRows(1)));
    }

    [Theory]
    [InlineData(Activation.Sigmoid, "binary", true)]
    [InlineData(Activation.HardSigmoid, "binary", true)]
    [InlineData(Activation.HardSigmoidKeras2, "cross", true)]
    [InlineData(Activation.Sigmoid, "CTC", true)]
    [InlineData(Activation.Relu, "binary", true)]
    [InlineData(Activation.Relu, "cross", false)]
    [InlineData(Activation.Softplus, "binary", true)]
    [InlineData(Activation.Softplus, "cross", false)]
    [InlineData(Activation.Silu, "binary", false)]
    [InlineData(Activation.Gelu, "cross", false)]
    [InlineData(Activation.Tanh, "binary", false)]
    [InlineData(Activation.LeakyRelu, "binary", false)]
    [InlineData(Activation.Sigmoid, "MSE", false)]
    [InlineData(Activation.Tanh, "Huber", false)]
    public void Losses_of_logits_do_not_take_what_is_squashed_already(Activation activation, string loss, bool refused)
    {
        var model = new ShapedModel(OutputTransform.None, activation);
        if (!refused)
        {
            _ = new Trainer<ShapedModel>(model, s_losses[loss], new Sgd(1));
            return;
        }

        var error = Assert.Throws<ArgumentException>("loss", () => new Trainer<ShapedModel>(model, s_losses[loss], new Sgd(1)));
        Assert.Contains($"come from the activation {activation}", error.Message, StringComparison.Ordinal);
        Assert.Contains("remove the activation", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_softmax_over_one_output_is_refused()
    {
        var set = TrainingSet.OfRows(1);
        set.Add(new float[] { 1 }, new[] { 0 });
        var trainer = new Trainer<ShapedModel>(new ShapedModel(outputs: 1), Loss.CrossEntropy, new Sgd(1));
        var error = Assert.Throws<ArgumentException>("training", () => trainer.Fit(set, null, 1));
        Assert.Contains("one output, so the loss is always 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("BinaryCrossEntropyLoss", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("set", () => trainer.Evaluate(set));
    }

    [Fact]
    public void A_loss_of_ones_own_says_what_it_takes()
    {
        _ = new Trainer<ShapedModel>(new ShapedModel(OutputTransform.Softmax), new Own(null), new Sgd(1));
        var error = Assert.Throws<ArgumentException>("loss",
            () => new Trainer<ShapedModel>(new ShapedModel(OutputTransform.Softmax), new Own("not that"), new Sgd(1)));
        Assert.Contains("not that", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_of_another_function_than_is_run_are_refused()
    {
        var set = TrainingSet.OfRows(1);
        set.Add(new float[] { 1 }, new float[] { 0, 1, 0 });
        Refuse("RMSE", new ShapedModel(OutputTransform.Sigmoid), Loss.BinaryCrossEntropy, new RootMeanSquaredError());
        Refuse("Threshold", new ShapedModel(activation: Activation.Sigmoid), Loss.MeanSquaredError, new Accuracy());
        Refuse("one target", new ShapedModel(), new QuantileLoss(0.1f, 0.5f, 0.9f), new MeanAbsoluteError(),
            "has 1 targets for Shaped's 3 outputs");
        var accuracy = new Accuracy { Threshold = 0.5f };
        var model = new ShapedModel(activation: Activation.Sigmoid);
        (model.Core.Parameters.Edit()[0], model.Core.Parameters.Edit()[1]) = (0.25f, 0.75f);
        new Trainer<ShapedModel>(model, Loss.MeanSquaredError, new Sgd(0)) { Metrics = [accuracy] }.Evaluate(set);
        Assert.Equal(1, accuracy.Value);

        void Refuse(string part, ShapedModel model, Loss loss, Metric metric, string? whole = null)
        {
            var error = Assert.Throws<ArgumentException>(
                "Metrics", () => new Trainer<ShapedModel>(model, loss, new Sgd(1)) { Metrics = [metric] }.Fit(set, null, 1));
            Assert.Contains(whole ?? part, error.Message, StringComparison.Ordinal);
        }
    }

    private sealed class Own(string? fault) : Loss
    {
        public override TargetKind TargetKind => TargetKind.Values;

        protected internal override string? FindFault(ModelDefinition model) => fault;

        protected override double Weigh(LossTargets target, LossShape shape) => 1;

        protected override double Add(ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, LossShape shape,
            double scale) => 0;
    }
}
