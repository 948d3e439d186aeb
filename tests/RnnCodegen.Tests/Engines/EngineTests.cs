using RnnCodegen.Runtime;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Tests.Engines;

/// <summary>What a model, its state, its checks and its trainer do does not depend on what computes it.</summary>
public sealed class EngineTests
{
    [Fact]
    public void A_trainer_trains_by_any_engine()
    {
        var (host, (managed, engine)) = (new LinearModel(), Create());
        var (expected, found) = (Train(host), Train(managed));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Contains(nameof(IModelEngine.Forward), engine.Calls);
        Assert.Contains(nameof(IModelEngine.Backward), engine.Calls);

        static float[] Train(LinearModel model)
        {
            var set = LinearData.Set(LinearData.Samples([3, 1, 5, 2, 4], new Random(1)));
            var trainer = new Trainer<LinearModel>(model, Loss.MeanSquaredError,
                new AdamW(0.1)) { BatchSize = 2, BatchesPerUpdate = 2, Seed = 2 };
            var result = trainer.Fit(set, set, 3);
            return [.. model.Core.Parameters.Values, .. result.TrainingLosses, .. result.ValidationLosses, trainer.Evaluate(set)];
        }
    }

    [Fact]
    public void Checks_come_before_the_engine()
    {
        var (model, engine) = Create();
        Assert.Throws<ArgumentException>(() => model.Core.Run([1f, 2f, 3f], new float[1], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Core.Run([1f, 2f], new float[1], 1, lengths: [2]));
        Assert.Throws<ArgumentException>(() => model.Core.Forward([1f, 2f], new float[3], model.Core.CreateTape(1, 1)));
        var tape = model.Core.CreateTape(1, 1);
        Assert.Throws<InvalidOperationException>(() => model.Core.Backward([1], default, tape, model.Core.CreateGradients()));
        Assert.Empty(engine.Calls);

        var y = new float[1];
        model.Core.Run([1f, 2f], y, 1);
        Assert.Equal([nameof(IModelEngine.Run)], engine.Calls);
    }

    [Fact]
    public void A_tape_of_another_engine_is_refused()
    {
        var (managed, _) = Create();
        var host = new LinearModel();
        var error = Assert.Throws<ArgumentException>("tape",
            () => managed.Core.Forward([1f, 2f], new float[1], host.Core.CreateTape(1, 1)));
        Assert.Contains("this model's code is Managed", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("tape", () => host.Core.Forward([1f, 2f], new float[1], managed.Core.CreateTape(1, 1)));
    }

    private static (LinearModel Model, ManagedEngine Engine) Create()
    {
        var host = new LinearModel();
        var engine = new ManagedEngine(LinearModel.Definition, host.Core.Parameters);
        return (new LinearModel(new ModelCore(host.Core, _ => engine)), engine);
    }
}
