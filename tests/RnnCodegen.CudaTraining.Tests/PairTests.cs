using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;
using RnnCodegen.CudaEngine.Tests;
using RnnCodegen.PtxMachine;
using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Encoders and decoders whose updates are on the device, against those of the CPU.</summary>
public class PairTests
{
    private const float Tolerance = 2e-5f;
    private const string Placed = "Models, losses, clipping and optimizers compute on Software H200.";

    [NvrtcTheory]
    [InlineData(1, 0.3f)]
    [InlineData(3, float.PositiveInfinity)]
    public void State_alone(int batches, float clip) => EqualOnBoth<Reader, Speaker>(false, batches, clip);

    [NvrtcTheory]
    [InlineData(1, 0.3f)]
    [InlineData(2, 0.3f)]
    [InlineData(3, float.PositiveInfinity)]
    public void Attention_by_keys(int batches, float clip) => EqualOnBoth<Reader, Looker>(false, batches, clip);

    [NvrtcTheory]
    [InlineData(1, 0.3f)]
    [InlineData(2, float.PositiveInfinity)]
    public void Attention_to_the_rows_themselves(int batches, float clip) => EqualOnBoth<RowReader, RowLooker>(true, batches, clip);

    [NvrtcFact]
    public void Groups_schedule_and_early_stopping()
    {
        TrainedPair Train(bool isOnDevice) => TrainedPair.Of<Reader, Looker>(
            isOnDevice,
            () => new AdamW(0.02) { Groups = [new("Cell.weight_hh_l0") { Frozen = true }, ParameterGroup.BiasesAndNormsWithoutDecay] },
            TrainedPair.Set(false), TrainedPair.Set(false, 3, 2), 4, (models, one, other) => new(models, one, other)
            {
                BatchSize = 3, ClipNorm = 0.5f, ClipValue = 0.1f, Schedule = new CosineSchedule(8), ValidateEvery = 1,
                EarlyStopping = new EarlyStopping { Patience = 2 }, Loss = new CrossEntropyLoss { LabelSmoothing = 0.1f },
            });

        Equal(Train(false), Train(true));
    }

    [NvrtcTheory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Training_goes_on_where_another_stopped(bool begins, bool goesOn)
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "training.rnnc");
        TrainedPair Train(bool isOnDevice, int epochs, string? resumes = null) => TrainedPair.Of<Reader, Looker>(
            isOnDevice, () => new RmsProp(0.02, momentum: 0.5), TrainedPair.Set(false), null, epochs,
            (models, one, other) => new(models, one, other) { BatchSize = 3, Checkpoint = new CheckpointOptions(path) }, resumes);

        var whole = Train(goesOn, 4);
        Train(begins, 2);
        var resumed = Train(goesOn, 4, path);
        if (begins == goesOn)
        {
            Assert.Equal(whole.Parameters, resumed.Parameters);
            Assert.Equal(whole.Result!.TrainingLosses, resumed.Result!.TrainingLosses);
            return;
        }

        Equal(whole with { Norms = whole.Norms[^resumed.Norms.Length..] }, resumed);
    }

    [NvrtcFact]
    public void Placement_is_told()
    {
        using SoftwareDriver one = new(), other = new();
        Assert.Equal(Placed, Place(one, one));
        Assert.Equal(
            "Models compute on Software H200; losses, clipping and optimizers are on the host, because UpdatesOnHost is set.",
            Place(one, one, onHost: true));
        Assert.Equal(
            "Models compute on Software H200; losses, clipping and optimizers are on the host, because the models are not on the same " +
            "device.", Place(one, other));
        Assert.Equal(
            $"{typeof(Reader)} computes on Software H200; losses, clipping and optimizers are on the host, because {typeof(Speaker)} " +
            "computes on the CPU.", Place(one, null));
        Assert.Equal(
            $"{typeof(Speaker)} computes on Software H200; losses, clipping and optimizers are on the host, because {typeof(Reader)} " +
            "computes on the CPU.", Place(null, one));
        Assert.Null(Place(null, null));
        var both = OnDevice.Place(OnDevice.Model<Speaker>(), one);
        Assert.Equal(
            "Models compute on Software H200; losses, clipping and optimizers are on the host, because the models have the same " +
            "parameters.",
            new SequenceToSequenceTrainer<Speaker, Speaker>(new(both, both, 5, 4), new Sgd(0.1), new Sgd(0.1))
                .Fit(TrainedPair.Set(false, 2), null, 1).Placement);
        OnDevice.End(both);
        one.RequireClean();
        other.RequireClean();

        static string? Place(SoftwareDriver? encoders, SoftwareDriver? decoders, bool onHost = false)
        {
            using var pair = new Pair<Reader, Speaker>(encoders, decoders);
            return new SequenceToSequenceTrainer<Reader, Speaker>(pair.Models, new Sgd(0.1), new Sgd(0.1)) { UpdatesOnHost = onHost }
                .Fit(TrainedPair.Set(false, 2), null, 1).Placement;
        }
    }

    /// <summary>Whoever has one of the models in another training meanwhile has it on the host, and takes no turns with it.</summary>
    [NvrtcFact]
    public void A_model_is_in_one_training_at_a_time()
    {
        using var driver = new SoftwareDriver();
        using var pair = new Pair<Reader, Speaker>(driver, driver);
        var other = OnDevice.Place(OnDevice.Model<Speaker>(), driver);
        string? refused = null;
        var result = new SequenceToSequenceTrainer<Reader, Speaker>(pair.Models, new Sgd(0.1), new Sgd(0.1))
        {
            BatchSize = 2,
            Callbacks =
            [
                TrainingCallback.AtUpdate(_ => refused ??= new SequenceToSequenceTrainer<Reader, Speaker>(
                    new(pair.Models.Encoder, other, 5, 4), new Sgd(0.1), new Sgd(0.1)).Fit(TrainedPair.Set(false, 2), null, 1).Placement),
            ],
        }.Fit(TrainedPair.Set(false), null, 2);
        Assert.Equal(Placed, result.Placement);
        Assert.Equal(
            "Models compute on Software H200; losses, clipping and optimizers are on the host, because another training of " +
            $"{typeof(Reader)} is under way there.", refused);
        OnDevice.End(other);
        pair.Dispose();
        driver.RequireClean();
    }

    [NvrtcFact]
    public void Who_reads_one_models_parameters_gets_both_of_the_moment()
    {
        List<float[]>[] seen = [[], []];
        for (var n = 0; n < 2; n++)
        {
            var list = seen[n];
            TrainedPair.Of<Reader, Looker>(
                n == 1, () => new Adam(0.02), TrainedPair.Set(false), null, 2, (models, one, other) => new(models, one, other)
                {
                    BatchSize = 3,
                    Callbacks =
                    [
                        TrainingCallback.AtUpdate(_ =>
                        {
                            list.Add(models.Encoder.Parameters.Values.ToArray());
                            Assert.Null(models.Decoder.Parameters.Holder);
                            list.Add(models.Decoder.Parameters.Values.ToArray());
                        }, every: 2),

                        // Who writes them is heard, too.
                        TrainingCallback.AtUpdate(_ => models.Decoder.Parameters["Scores.bias"].Edit()[0] += 0.25f, every: 3),
                    ],
                });
        }

        Assert.Equal(6, seen[0].Count);
        foreach (var (expected, actual) in seen[0].Zip(seen[1]))
        {
            OnDevice.Near(expected, actual, Tolerance);
        }
    }

    [NvrtcFact]
    public async Task Threads_that_use_both_models_do_not_wait_for_each_other()
    {
        float[] Train(Pair<Reader, Speaker> pair)
        {
            new SequenceToSequenceTrainer<Reader, Speaker>(pair.Models, new Sgd(0.1), new Sgd(0.1)) { BatchSize = 2 }
                .Fit(TrainedPair.Set(false), null, 5);
            return pair.Parameters;
        }

        using var alone = new Pair<Reader, Speaker>(null, null);
        using var driver = new SoftwareDriver();
        using var pair = new Pair<Reader, Speaker>(driver, driver);
        using var done = new CancellationTokenSource();

        // Each starts from a vector that is learned, so that each call of one model asks for the values of both.
        var calls = new int[2];
        Task[] others =
        [
            Task.Run(() => Repeat(0, () => pair.Models.Encoder.Run([1, 2], new float[8], steps: 2))),
            Task.Run(() => Repeat(1, () => pair.Models.Decoder.Run([1, 2], new float[10], steps: 2))),
        ];
        var trained = await Task.Run(() => Train(pair)).WaitAsync(TimeSpan.FromMinutes(2));
        await done.CancelAsync();
        await Task.WhenAll(others).WaitAsync(TimeSpan.FromMinutes(2));
        OnDevice.Near(Train(alone), trained, Tolerance);
        Assert.All(calls, count => Assert.True(count > 0));

        void Repeat(int who, Action call)
        {
            while (!done.IsCancellationRequested)
            {
                call();
                calls[who]++;
            }
        }
    }

    [NvrtcTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Divergence_is_found_and_named_alike(int batches)
    {
        TrainedPair Train(bool isOnDevice) => TrainedPair.Of<Reader, Speaker>(
            isOnDevice, () => new Sgd(3e38), TrainedPair.Set(false), null, 4, (models, one, other) => new(models, one, other)
            {
                BatchSize = 3, BatchesPerUpdate = batches, Loss = new CrossEntropyLoss { Reduction = Reduction.Sum },
            });

        var (host, device) = (Train(false), Train(true));
        Assert.NotNull(host.Divergence);
        Assert.Equal(host.Divergence.Message, device.Divergence?.Message);
        OnDevice.Near(host.Parameters, device.Parameters, Tolerance);
    }

    [NvrtcFact]
    public void Tokens_and_targets_go_there_and_a_few_numbers_come_back()
    {
        var set = TrainingSet.OfTokens();
        for (var n = 0; n < 4; n++)
        {
            set.AddLabels(new[] { n, 1, 2 }, new[] { n, 3 });
        }

        using var driver = new SoftwareDriver();
        using var pair = new Pair<Reader, Looker>(driver, driver);
        List<(long There, long Back)> traffic = [];
        new SequenceToSequenceTrainer<Reader, Looker>(pair.Models, new Adam(0.01), new Adam(0.01))
        {
            BatchSize = 4, Callbacks = [TrainingCallback.AtUpdate(_ => traffic.Add((driver.BytesToDevice, driver.BytesToHost)))],
        }.Fit(set, null, 5);

        // Nothing that grows with the models or what they make of the rows: two calls, a loss, two steps, in pieces of 256 bytes.
        Assert.Equal(5, traffic.Count);
        for (var n = 2; n < traffic.Count; n++)
        {
            Assert.InRange(traffic[n].There - traffic[n - 1].There, 4 * 4 * (3 + 3 + 3), 6144);
            Assert.InRange(traffic[n].Back - traffic[n - 1].Back, 8, 96);
        }
    }

    [NvrtcTheory]
    [InlineData(SoftwareError.InvalidValue)]
    [InlineData(SoftwareError.LaunchFailed)]
    public void After_a_failure_both_models_are_those_of_one_update(int error)
    {
        List<float[]> moments = [];
        Dictionary<string, int> before, calls;
        using (var driver = new SoftwareDriver())
        {
            using var pair = new Pair<Reader, Looker>(driver, driver);
            before = new(driver.Calls);
            Train(pair, [new Adam(0.02), new Adam(0.02)], []);
            calls = new(driver.Calls);
        }

        using (var driver = new SoftwareDriver())
        {
            using var pair = new Pair<Reader, Looker>(driver, driver);
            moments.Add(pair.Parameters);
            Train(pair, [new Adam(0.02), new Adam(0.02)], [TrainingCallback.AtUpdate(_ => moments.Add(pair.Parameters))]);
        }

        var messages = "";
        foreach (var (entry, count) in calls)
        {
            var first = before.GetValueOrDefault(entry) + 1;
            var stride = Math.Max(1, (count - first) / 2);
            for (var call = first; call <= count; call += stride)
            {
                messages += FailAt(entry, call, error, moments);
            }
        }

        // After an error that is a call's alone the device is asked; what it computed with a kernel that failed nobody trusts.
        var isLost = error == SoftwareError.LaunchFailed;
        Assert.Contains(isLost ? " are lost; " : " were brought back ", messages, StringComparison.Ordinal);
    }

    private static string FailAt(string entry, int call, int error, List<float[]> moments)
    {
        using var driver = new SoftwareDriver();
        using var pair = new Pair<Reader, Looker>(driver, driver);
        driver.Fail(entry, call, error);
        var (place, message) = ($"{entry}, call {call}, error {error}", "");
        Adam[] optimizers = [new(0.02), new(0.02)];
        try
        {
            Train(pair, optimizers, []);
        }
        catch (CudaException e)
        {
            message = e.Message;
        }

        Assert.True(driver.LaunchedBeforeFailure is not null, place);
        Assert.All(pair.OnHost, parameters => Assert.Null(parameters.Holder));
        Assert.All(optimizers, optimizer => Assert.Null(optimizer.Holder));
        Assert.Equal(optimizers[0].StepCount, optimizers[1].StepCount);
        OnDevice.Near(moments[(int)optimizers[0].StepCount], pair.Parameters, 2e-5);

        // Both are of use where they are, if anything is there, and on the CPU.
        foreach (var models in error == SoftwareError.InvalidValue ? [pair.Models, pair.OnCpu] : new[] { pair.OnCpu })
        {
            new SequenceToSequenceTrainer<Reader, Looker>(models, optimizers[0], optimizers[1]).Fit(TrainedPair.Set(false, 1), null, 1);
        }

        pair.Dispose();
        Assert.True(driver.Held().Length == 0, $"{place}: {driver.Held()}");
        Assert.True(driver.Complaints.Count == 0, $"{place}: {string.Join(", ", driver.Complaints)}");
        return message;
    }

    private static void Train(Pair<Reader, Looker> pair, Adam[] optimizers, TrainingCallback[] callbacks) =>
        new SequenceToSequenceTrainer<Reader, Looker>(pair.Models, optimizers[0], optimizers[1])
        {
            BatchSize = 3, Callbacks = callbacks,
        }.Fit(TrainedPair.Set(false, 3), null, 3);

    private static void EqualOnBoth<TEncoder, TDecoder>(bool ofRows, int batches, float clip)
        where TEncoder : class, IRnnModel<TEncoder>
        where TDecoder : class, IRnnModel<TDecoder>
    {
        TrainedPair Train(bool isOnDevice) => TrainedPair.Of<TEncoder, TDecoder>(
            isOnDevice, () => new Adam(0.02), TrainedPair.Set(ofRows), TrainedPair.Set(ofRows, 3, 2), 3,
            (models, one, other) => new(models, one, other) { BatchSize = 2, BatchesPerUpdate = batches, ClipNorm = clip });

        var device = Train(true);
        Assert.Equal(Placed, device.Result!.Placement);
        Equal(Train(false), device);
    }

    private static void Equal(TrainedPair expected, TrainedPair actual)
    {
        OnDevice.Near(expected.Parameters, actual.Parameters, Tolerance);
        OnDevice.Near(expected.Norms, actual.Norms, Tolerance);
        var (host, device) = (expected.Result!, actual.Result!);
        OnDevice.Near([.. host.TrainingLosses], [.. device.TrainingLosses], Tolerance);
        OnDevice.Near([.. host.ValidationLosses], [.. device.ValidationLosses], Tolerance);
        Assert.Equal(host.Metrics, device.Metrics);
        Assert.Equal((host.Updates, host.StoppedEarly, host.BestUpdate), (device.Updates, device.StoppedEarly, device.BestUpdate));
        for (var k = 0; k < 2; k++)
        {
            Assert.Equal(expected.Optimizers[k].StepCount, actual.Optimizers[k].StepCount);
            foreach (var (one, other) in expected.Optimizers[k].Slots.Zip(actual.Optimizers[k].Slots))
            {
                OnDevice.Near(one.Values, other.Values, 5 * Tolerance);
            }
        }
    }
}
