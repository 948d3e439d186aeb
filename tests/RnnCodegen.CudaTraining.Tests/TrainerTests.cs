using RnnCodegen.Cuda.Tests;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>Trainers whose updates are on the device, against those whose updates are on the host and those of the CPU.</summary>
public class TrainerTests
{
    private const float Tolerance = 2e-5f;

    private static readonly Func<Optimizer>[] s_optimizers =
    [
        () => new Sgd(0.1), () => new Sgd(0.05, momentum: 0.9, nesterov: true), () => new Adam(0.02), () => new AdamW(0.02),
        () => new RmsProp(0.01, momentum: 0.5, centered: true), () => new Adagrad(0.05), () => new Lion(0.003),
    ];

    private static readonly Loss[] s_losses =
    [
        Loss.MeanSquaredError, Loss.MeanAbsoluteError, Loss.Huber, new QuantileLoss(0.2f, 0.8f), Loss.BinaryCrossEntropy,
        new CrossEntropyLoss { LabelSmoothing = 0.1f },
    ];

    public static TheoryData<int, int> Pairs()
    {
        var pairs = new TheoryData<int, int>();
        for (var n = 0; n < s_optimizers.Length * s_losses.Length; n++)
        {
            pairs.Add(n % s_optimizers.Length, n / s_optimizers.Length);
        }

        return pairs;
    }

    [NvrtcTheory]
    [MemberData(nameof(Pairs))]
    public void Every_optimizer_with_every_loss(int optimizer, int loss)
    {
        Trained Train(bool isOnDevice) => s_losses[loss] is CrossEntropyLoss
            ? Trained.Of<Words>(isOnDevice, s_losses[loss], s_optimizers[optimizer](), OnDevice.WordSet(), null, 2)
            : Trained.Of<Rows>(
                isOnDevice, s_losses[loss], s_optimizers[optimizer](),
                OnDevice.RowSet(s_losses[loss] is QuantileLoss ? 2 : 4, isWeighted: true), null, 2);

        Equal(Train(false), Train(true));
    }

    [NvrtcFact]
    public void Accumulation_clipping_groups_and_schedule()
    {
        Trained Train(bool isOnDevice) => Trained.Of<Rows>(
            isOnDevice, Loss.MeanSquaredError,
            new AdamW(0.02) { Groups = [new("Cell.weight_hh_l0") { Frozen = true }, ParameterGroup.BiasesAndNormsWithoutDecay] },
            OnDevice.RowSet(isWeighted: true), OnDevice.RowSet(), 3, (model, loss, optimizer) => new(model, loss, optimizer)
            {
                BatchSize = 2, BatchesPerUpdate = 2, ClipNorm = 0.3f, ClipValue = 0.1f, ValidateEvery = 1,
                Schedule = new CosineSchedule(6), EarlyStopping = new EarlyStopping { Patience = 1 },
            });

        Equal(Train(false), Train(true));
    }

    [NvrtcTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Labels_without_places(int batches)
    {
        Trained Train(bool isOnDevice) => Trained.Of<Words>(
            isOnDevice, Loss.Ctc, new Adam(0.02), OnDevice.LabelSet(), OnDevice.LabelSet(), 2,
            (model, loss, optimizer) => new(model, loss, optimizer) { BatchSize = 2, BatchesPerUpdate = batches, ClipNorm = 1 });

        var device = Train(true);
        Assert.Equal("Models, losses, clipping and optimizers compute on Software H200.", device.Result!.Placement);
        Equal(Train(false), device);
    }

    [NvrtcFact]
    public void Windows_of_streams_carry_their_state()
    {
        foreach (var window in new[] { 2, 3 })
        {
            Trained Train(bool isOnDevice) => Trained.Of<Rows>(
                isOnDevice, Loss.MeanSquaredError, new Sgd(0.1), OnDevice.RowSet(most: 7), null, 2,
                (model, loss, optimizer) => new(model, loss, optimizer) { BatchSize = 3, Truncation = new Truncation(2, window) });

            Equal(Train(false), Train(true));
        }
    }

    [NvrtcFact]
    public void One_row_a_sequence()
    {
        Trained Train(bool isOnDevice) =>
            Trained.Of<Whole>(isOnDevice, Loss.MeanSquaredError, new Adam(0.02), OnDevice.WholeSet(), OnDevice.WholeSet(), 3);

        Equal(Train(false), Train(true));
    }

    [NvrtcFact]
    public void What_the_device_does_not_know_is_on_the_host_and_the_result_says_so()
    {
        var loss = new LossOfOnesOwn();
        var onHost = Trained.Of<Rows>(true, loss, new Sgd(0.1), OnDevice.RowSet(), null, 1);
        Assert.Equal(
            "Models compute on Software H200; losses, clipping and optimizers are on the host, because the device does not know " +
            "LossOfOnesOwn.",
            onHost.Result!.Placement);
        Equal(Trained.Of<Rows>(false, loss, new Sgd(0.1), OnDevice.RowSet(), null, 1), onHost);

        var asked = Trained.Of<Rows>(true, Loss.Huber, new Sgd(0.1), OnDevice.RowSet(), null, 1,
            (model, loss, optimizer) => new(model, loss, optimizer) { UpdatesOnHost = true });
        Assert.EndsWith("because UpdatesOnHost is set.", asked.Result!.Placement, StringComparison.Ordinal);
        var there = Trained.Of<Rows>(true, Loss.Huber, new Sgd(0.1), OnDevice.RowSet(), null, 1);
        Assert.Equal("Models, losses, clipping and optimizers compute on Software H200.", there.Result!.Placement);
        Assert.Null(Trained.Of<Rows>(false, Loss.Huber, new Sgd(0.1), OnDevice.RowSet(), null, 1).Result!.Placement);
    }

    [NvrtcFact]
    public void Who_reads_the_parameters_sees_those_of_the_moment()
    {
        List<float[]>[] seen = [[], []];
        for (var n = 0; n < 2; n++)
        {
            var list = seen[n];
            Trained.Of<Rows>(n == 1, Loss.MeanSquaredError, new Adam(0.02), OnDevice.RowSet(), null, 2, (model, loss, optimizer) =>
                new(model, loss, optimizer)
                {
                    BatchSize = 2,
                    Callbacks =
                    [
                        TrainingCallback.AtUpdate(_ => list.Add(model.Parameters.Values.ToArray()), every: 2),

                        // Who writes them is heard, too.
                        TrainingCallback.AtUpdate(_ => model.Parameters["Head.bias"].Edit()[0] += 0.25f, every: 3),
                    ],
                });
        }

        Assert.Equal(3, seen[0].Count);
        for (var n = 0; n < 3; n++)
        {
            OnDevice.Near(seen[0][n], seen[1][n], Tolerance);
        }
    }

    [NvrtcTheory]
    [InlineData(1, 1e38f, 0.5, float.PositiveInfinity)]
    [InlineData(1, 1, 1e38, float.PositiveInfinity)]
    [InlineData(2, 1, 1e38, 0.5f)]
    [InlineData(1, 1e15f, 1e38, float.PositiveInfinity)]
    public void Divergence_is_found_and_named_alike(int batches, float scale, double rate, float clip)
    {
        var set = TrainingSet.OfRows(2);
        for (var n = 0; n < 4; n++)
        {
            set.Add(new[] { 0.5f, n, n, 1 }, new[] { scale, 2 * scale, 0, n, 1, 2, 3, scale });
        }

        Trained Train(bool isOnDevice) => Trained.Of<Rows>(
            isOnDevice, Loss.MeanSquaredError, new Sgd(rate), set, null, 3, (model, loss, optimizer) => new(model, loss, optimizer)
            {
                BatchSize = 2, BatchesPerUpdate = batches, ClipNorm = clip,
            });

        var (host, device) = (Train(false), Train(true));
        Assert.NotNull(host.Divergence);
        Assert.Equal(host.Divergence.Message, device.Divergence?.Message);
        OnDevice.Near(host.Parameters, device.Parameters, Tolerance);
    }

    private static void Equal(Trained expected, Trained actual)
    {
        OnDevice.Near(expected.Parameters, actual.Parameters, Tolerance);
        OnDevice.Near(expected.Norms, actual.Norms, Tolerance);
        var (host, device) = (expected.Result!, actual.Result!);
        OnDevice.Near([.. host.TrainingLosses], [.. device.TrainingLosses], Tolerance);
        OnDevice.Near([.. host.ValidationLosses], [.. device.ValidationLosses], Tolerance);
        Assert.Equal((host.Updates, host.StoppedEarly, host.BestUpdate), (device.Updates, device.StoppedEarly, device.BestUpdate));
        foreach (var (one, other) in expected.Optimizer.Slots.Zip(actual.Optimizer.Slots))
        {
            // What rounding has left of a sum is rounding.
            if (one.Name != "sum_rest")
            {
                OnDevice.Near(one.Values, other.Values, 5 * Tolerance);
            }
        }
    }

    /// <summary>The sum of all outputs, which no device knows.</summary>
    private sealed class LossOfOnesOwn : Loss
    {
        public override TargetKind TargetKind => TargetKind.Values;

        protected override double Weigh(LossTargets target, LossShape shape) => 1;

        protected override double Add(
            ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, LossShape shape, double scale)
        {
            var sum = 0.0;
            for (var i = 0; i < output.Length; i++)
            {
                sum += output[i];
                if (!gradient.IsEmpty)
                {
                    gradient[i] = (float)scale;
                }
            }

            return sum;
        }
    }
}
