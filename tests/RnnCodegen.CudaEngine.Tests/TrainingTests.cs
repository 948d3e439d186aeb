using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>Training on a device: by the trainer as it is, with dropout's masks the CPU's, and checkpoints for both.</summary>
public class TrainingTests
{
    private const int Epochs = 3;

    private static readonly TrainingSet s_set = NewSet();

    [NvrtcFact]
    public void The_trainer_trains_a_model_on_a_device_as_on_the_CPU()
    {
        using var driver = new SoftwareDriver();
        var onCpu = new SmallRows(seed: 2);
        using (var model = Software.Place(new SmallRows(seed: 2), driver))
        {
            var (expected, losses) = (Losses(onCpu), Losses(model));
            Assert.Equal(Epochs, losses.Length);
            Assert.Equal(expected, losses, (a, b) => MathF.Abs(a - b) < 1e-5f);
            Assert.Equal(onCpu.Parameters.Values.ToArray(), model.Parameters.Values.ToArray(), (a, b) => MathF.Abs(a - b) < 1e-5f);

            // And the same bits once more.
            using var again = Software.Place(new SmallRows(seed: 2), driver);
            Assert.Equal(losses, Losses(again));
            Assert.Equal(model.Parameters.Values.ToArray(), again.Parameters.Values.ToArray());
        }

        driver.RequireClean();
    }

    [NvrtcTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_checkpoint_of_one_is_continued_by_the_other(bool beginsOnDevice)
    {
        using var driver = new SoftwareDriver();
        var path = Path.Combine(Path.GetTempPath(), $"rnncodegen-cuda-{Guid.NewGuid():N}.safetensors");
        var whole = new SmallRows(seed: 2);
        _ = Losses(whole);
        try
        {
            using var begun = beginsOnDevice ? Software.Place(new SmallRows(seed: 2), driver) : new SmallRows(seed: 2);
            _ = NewTrainer(begun, path).Fit(s_set, null, 2);
            using var continued = beginsOnDevice ? new SmallRows(seed: 9) : Software.Place(new SmallRows(seed: 9), driver);
            var result = NewTrainer(continued, null).Resume(path, s_set, null, Epochs);
            Assert.Equal(Epochs, result.TrainingLosses.Count);
            Assert.Equal(
                whole.Parameters.Values.ToArray(), continued.Parameters.Values.ToArray(), (a, b) => MathF.Abs(a - b) < 1e-5f);
        }
        finally
        {
            File.Delete(path);
        }

        driver.RequireClean();
    }

    /// <summary>Sums of more batches than a float holds stand in double precision, and begin anew where others edit them.</summary>
    [NvrtcFact]
    public void Gradients_of_many_calls_are_added_up_as_on_the_CPU()
    {
        const int Calls = 40;
        using var driver = new SoftwareDriver();
        var onCpu = new SmallWords(seed: 6);
        using (var model = Software.Place(onCpu, driver))
        {
            Assert.Equal(Sums(onCpu), Sums(model), (a, b) => MathF.Abs(a - b) <= 2e-5f * MathF.Max(1, MathF.Abs(b)));
        }

        driver.RequireClean();

        static float[] Sums(SmallWords model)
        {
            var (tape, gradients) = (model.CreateTape(3, 2), model.CreateGradients());
            gradients.Edit().Fill(1);
            var y = new float[3 * 2 * 7];
            for (var call = 0; call < Calls; call++)
            {
                model.Forward([call % 7, 1, 2, 3, 4, 5], y, tape, [3, 2]);
                model.Backward(y, tape, gradients, accumulate: call != 30);
            }

            return gradients.Values.ToArray();
        }
    }

    private static float[] Losses(SmallRows model) => [.. NewTrainer(model, null).Fit(s_set, null, Epochs).TrainingLosses];

    private static Trainer<SmallRows> NewTrainer(SmallRows model, string? path) => new(model, Loss.MeanSquaredError, new AdamW(0.01))
    {
        BatchSize = 4, Seed = 5, ClipNorm = 1, Checkpoint = path is null ? null : new(path),
    };

    private static TrainingSet NewSet()
    {
        var set = TrainingSet.OfRows(SmallRows.InputSize);
        for (var sample = 0; sample < 10; sample++)
        {
            var steps = 2 + (sample % 3);
            set.Add(Software.Uniform(steps * SmallRows.InputSize, sample), Software.Uniform(steps * SmallRows.OutputSize, 100 + sample));
        }

        return set;
    }
}
