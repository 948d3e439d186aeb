using Xunit;
using static RnnCodegen.Tests.Training.LinearData;

namespace RnnCodegen.Tests.Training;

/// <summary>Right gradients pass, and wrong ones are found and named.</summary>
public sealed class GradientCheckTests
{
    [Fact]
    public void Right_gradients_pass_within_far_less_than_the_tolerance()
    {
        var model = new LeakyModel(drops: true);
        var before = model.Core.Parameters.Values.ToArray();
        var report = GradientCheck.Run(model, Loss.MeanSquaredError, StreamData.Set(1, 7, 12, 3));
        Assert.True(report.Passed, report.ToString());
        Assert.Equal(before, model.Core.Parameters.Values.ToArray());
        Assert.True(report.WorstError < 1e-3, report.ToString());
        Assert.All(report.Tensors, t => Assert.Equal((1, 0, 0), (t.Checked, t.Wrong, t.Unclear)));
    }

    [Theory]
    [InlineData(1.03f)]
    [InlineData(0.97f)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(float.NaN)]
    public void A_wrong_factor_is_found_where_it_is(float factor)
    {
        var report = GradientCheck.Run(new LeakyModel(wrong: factor), Loss.MeanSquaredError, StreamData.Set(1, 7, 12, 3));
        Assert.False(report.Passed);
        Assert.Equal(["Cell.weight_hh_l0"], report.Tensors.Where(t => t.Wrong > 0).Select(t => t.Name));
        var wrong = report.Tensors[1];
        Assert.Equal(wrong.Difference * factor, wrong.Gradient, 1e-3 * Math.Abs(wrong.Difference));
        Assert.Contains("GRADIENTS ARE WRONG", report.ToString(), StringComparison.Ordinal);
        Assert.Contains("Cell.weight_hh_l0 [1, 1]", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_can_be_chosen_and_elements_are_sampled()
    {
        var model = new LeakyModel(unused: 50);
        var options = new GradientCheckOptions { ElementsPerTensor = 10, Tensors = ["Unused.weight"] };
        var tensor = Assert.Single(GradientCheck.Run(model, Loss.MeanSquaredError, StreamData.Set(1, 7), options).Tensors);
        Assert.Equal((10, 0, 0.0), (tensor.Checked, tensor.Wrong, tensor.Gradient));
        Assert.Throws<KeyNotFoundException>(() =>
            GradientCheck.Run(model, Loss.MeanSquaredError, StreamData.Set(1, 7), new GradientCheckOptions { Tensors = ["Cell"] }));
    }

    [Fact]
    public void A_kink_is_unclear_and_not_wrong()
    {
        // |p - 1e-6| at p = 0: its gradient is -1, but differences over the kink are all but 0.
        var set = TrainingSet.OfRows(2);
        set.Add(new float[] { 1, 0 }, new float[] { 1e-6f });
        var model = new LinearModel();
        var report = GradientCheck.Run(model, Loss.MeanAbsoluteError, set, new GradientCheckOptions { Tensors = ["Head.weight"] });
        Assert.Equal((0, 1), (report.Tensors[0].Wrong, report.Tensors[0].Unclear));
    }

    [Fact]
    public void A_loss_that_is_not_finite_is_refused()
    {
        var set = Set(Samples([2], new Random(1)));
        set.Add(new float[] { float.NaN, 0 }, new float[] { 1 });
        Assert.Throws<ArgumentException>("set", () => GradientCheck.Run(new LinearModel(), Loss.MeanSquaredError, set));
    }
}
