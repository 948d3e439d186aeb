using RnnCodegen.Runtime;
using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Training;

/// <summary>The gradient check that users have, on generated models: right ones pass, and a wrong one is named.</summary>
public class GradientCheckTests
{
    [Fact]
    public void Generated_gradients_pass()
    {
        RequirePass(new Dropped(3), Loss.MeanSquaredError, Values<Dropped>());
        RequirePass(new Normalised(4), Loss.Huber, Values<Normalised>());
        RequirePass(new LstmPeepholesProjectionCoupled(5), Loss.MeanSquaredError, Values<LstmPeepholesProjectionCoupled>());
        RequirePass(new Branches(6), Loss.MeanSquaredError, Values<Branches>());
        RequirePass(new RowLayersDropped(9), Loss.MeanSquaredError, Values<RowLayersDropped>());
        RequirePass(new ReversedInput(10), Loss.MeanSquaredError, Values<ReversedInput>());
        RequirePass(new AffineLast(11), Loss.MeanSquaredError, Values<AffineLast>());
        RequirePass(new ConvCausal(12), Loss.MeanSquaredError, Values<ConvCausal>());
        RequirePass(new SoftmaxClassifier(7), Loss.CrossEntropy, Classes());
        RequirePass(new LanguageModel(8), new CrossEntropyLoss { LabelSmoothing = 0.1f }, Texts());
        RequirePass(new LstmLearnedStackedBidirectional(4), Loss.MeanSquaredError, Values<LstmLearnedStackedBidirectional>());

        // Bounds are kinks, which differences over steps as large as floats need would see from afar: here they are out of reach.
        RequirePass(new WideBounds(9), Loss.MeanSquaredError, Values<WideBounds>());
    }

    [Theory]
    [InlineData("Cell.weight_hh_l0")]
    [InlineData("Head.bias")]
    public void A_wrong_gradient_is_named(string tensor)
    {
        var (definition, good) = (DefinitionOf<LanguageModel>(), new LanguageModel(8));
        var model = Create<LanguageModel>(
            new ModelCore(definition, new Perturbed(KernelsOf<LanguageModel>(), good.Parameters[tensor].Info), good.Parameters));
        var report = GradientCheck.Run(model, Loss.CrossEntropy, Texts());
        Assert.False(report.Passed);
        Assert.Equal([tensor], report.Tensors.Where(t => t.Wrong > 0).Select(t => t.Name));
    }

    private static void RequirePass<TModel>(TModel model, Loss loss, TrainingSet set)
        where TModel : class, IRnnModel<TModel>
    {
        var report = GradientCheck.Run(model, loss, set);
        Assert.True(report.Passed, report.ToString());
        Assert.True(report.Tensors.Sum(t => t.Unclear) <= report.Tensors.Sum(t => t.Checked) / 20, report.ToString());
    }

    private static TrainingSet Values<TModel>()
        where TModel : class, IRnnModel<TModel>
    {
        var (samples, set) = (new Samples(1), TrainingSet.OfRows(TModel.Definition.InputSize));
        foreach (var steps in new[] { 5, 2, 7 })
        {
            set.Add(
                TestModel.Narrow(samples.Uniform(steps * TModel.Definition.InputSize)),
                TestModel.Narrow(samples.Uniform(steps * TModel.Definition.OutputSize)));
        }

        return set;
    }

    private static TrainingSet Classes()
    {
        var (samples, set) = (new Samples(2), TrainingSet.OfRows(SoftmaxClassifier.InputSize));
        foreach (var steps in new[] { 5, 2, 7 })
        {
            set.Add(TestModel.Narrow(samples.Uniform(steps * SoftmaxClassifier.InputSize)), steps % 5);
        }

        return set;
    }

    private static TrainingSet Texts() => TrainingStreams.NextToken(new Samples(3).Integers(31, 29), 3);

    private static ModelDefinition DefinitionOf<TModel>()
        where TModel : class, IRnnModel<TModel> => TModel.Definition;

    private static ModelKernels KernelsOf<TModel>()
        where TModel : class, IRnnModel<TModel> => TModel.CreateKernels();

    private static TModel Create<TModel>(ModelCore core)
        where TModel : class, IRnnModel<TModel> => TModel.Create(core);

    /// <summary>Kernels whose gradients, on one thread, are wrong by three percent in one tensor.</summary>
    private sealed unsafe class Perturbed(ModelKernels kernels, ParameterInfo tensor) : ModelKernels
    {
        public override SimdWidth Width => kernels.Width;

        public override long PackedLength => kernels.PackedLength;

        public override long PackedBackwardLength => kernels.PackedBackwardLength;

        public override long PackedGradientsLength => kernels.PackedGradientsLength;

        public override int StepWorkspaceLength => kernels.StepWorkspaceLength;

        public override long RunWorkspaceLength(int steps, int batch) => kernels.RunWorkspaceLength(steps, batch);

        public override long TapeLength(int steps, int batch) => kernels.TapeLength(steps, batch);

        public override long TrainingWorkspaceLength(int steps, int batch) => kernels.TrainingWorkspaceLength(steps, batch);

        public override void Pack(float* parameters, float* packed) => kernels.Pack(parameters, packed);

        public override void PackBackward(float* parameters, float* packed) => kernels.PackBackward(parameters, packed);

        public override void Run(in ModelCall call) => kernels.Run(call);

        public override void Forward(in ModelCall call) => kernels.Forward(call);

        public override void Backward(in ModelCall call) => kernels.Backward(call);

        public override void AddGradients(in ModelCall call, int share, int shares)
        {
            kernels.AddGradients(call, share, shares);
            for (var i = 0; i < tensor.Length; i++)
            {
                call.Gradients[tensor.Offset + i] *= 1.03f;
            }
        }

        public override void AddTokenGradients(in ModelCall call, int share, int shares) => kernels.AddTokenGradients(call, share, shares);
    }
}
