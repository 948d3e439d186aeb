using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Training;

public sealed class ScheduleTests
{
    [Fact]
    public void Constant_steps_and_powers_by_hand()
    {
        AssertFactors(LearningRateSchedule.Constant, [1, 1, 1]);
        AssertFactors(new StepSchedule(2, 0.5), [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125]);
        AssertFactors(new ExponentialSchedule(0.5), [1, 0.5, 0.25, 0.125]);
    }

    [Fact]
    public void Cosine_falls_to_its_final_factor_and_stays()
    {
        var root = Math.Sqrt(0.5);
        AssertFactors(new CosineSchedule(4), [1, (1 + root) / 2, 0.5, (1 - root) / 2, 0, 0, 0]);
        AssertFactors(new CosineSchedule(2, 0.2), [1, 0.6, 0.2, 0.2]);
    }

    [Fact]
    public void Cosine_with_warm_up_rises_first()
    {
        AssertFactors(new CosineSchedule(2).WithWarmUp(4), [0, 0.25, 0.5, 0.75, 1, 0.5, 0, 0]);
        AssertFactors(new CosineSchedule(2).WithWarmUp(2, from: 0.5), [0.5, 0.75, 1, 0.5, 0]);
    }

    [Fact]
    public void Warm_up_goes_with_any_schedule_and_unit()
    {
        // Updates are warmed up while epochs count on.
        var schedule = new StepSchedule(1, 0.5) { Unit = ScheduleUnit.Epoch }.WithWarmUp(2);
        Assert.Equal(0.5 * 0.5, schedule.FactorAt(1, 1));
        Assert.Equal(0.5, schedule.FactorAt(7, 1));
        Assert.Equal(0.25, schedule.FactorAt(7, 2));

        // Both by epoch: the steps begin after the rise.
        schedule = new StepSchedule(1, 0.5) { Unit = ScheduleUnit.Epoch }.WithWarmUp(2, unit: ScheduleUnit.Epoch);
        Assert.Equal([0, 0.5, 1, 0.5, 0.25], Enumerable.Range(0, 5).Select(epoch => schedule.FactorAt(1000, epoch)));

        var plateau = new PlateauSchedule { Patience = 0, ReductionFactor = 0.5 };
        var warm = plateau.WithWarmUp(2);
        warm.Observe(1);
        warm.Observe(1);
        Assert.Equal([0, 0.25, 0.5, 0.5], Enumerable.Range(0, 4).Select(update => warm.FactorAt(update, 2)));
        Assert.Equal(plateau.State, warm.State);
    }

    [Theory]
    [InlineData(10, 0.3, 25, 1e4)]
    [InlineData(100, 0.25, 10, 100)]
    [InlineData(7, 0.5, 4, 2)]
    [InlineData(10, 0, 25, 1e4)]
    [InlineData(1, 0.3, 25, 1e4)]
    public void One_cycle_is_pytorchs(int length, double rise, double start, double end)
    {
        var schedule = new OneCycleSchedule(length, rise, start, end);
        for (var step = 0; step < length; step++)
        {
            Assert.Equal(OneCycleReference(length, rise, start, end, step), schedule.FactorAt(step, 0), 1e-12);
        }

        Assert.Equal(1 / (start * end), schedule.FactorAt(length + 5, 0), 1e-15);
    }

    [Fact]
    public void One_cycle_by_hand() =>
        AssertFactors(new OneCycleSchedule(6, rise: 0.5, start: 4, end: 2), [0.25, 0.625, 1, 1 - (0.875 / 4), 1 - (0.875 * 3 / 4), 0.125]);

    [Fact]
    public void Plateau_by_hand()
    {
        var schedule = new PlateauSchedule { Patience = 1, ReductionFactor = 0.5, Cooldown = 1, MinFactor = 0.2, Threshold = 0.1 };
        double[] metrics = [1, 0.95, 0.89, 0.88, 0.87, 0.86, 0.85, 0.84, double.NaN, 0.1, 0.1, 0.1, 0.1, 0.1];

        // 0.95 is not 10% better than 1, 0.89 is; 0.88 and 0.87 are two too bad, then 0.86 cools down, and so on down to 0.2.
        double[] expected = [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2];
        Assert.Equal(expected, metrics.Select(metric =>
        {
            schedule.Observe(metric);
            return schedule.FactorAt(0, 0);
        }));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Plateau_is_pytorchs_and_continues_from_its_state(bool maximize, bool absolute)
    {
        var random = new Random(6);
        var schedule = Create();
        var reference = new PlateauReference(maximize, absolute, 0.7, 3, 0.02, 2, 0.01);
        for (var epoch = 0; epoch < 300; epoch++)
        {
            var metric = (maximize ? 1 : -1) * (Math.Sqrt(epoch) + (4 * random.NextDouble())) + (maximize ? 0 : 30);
            schedule.Observe(metric);
            reference.Step(metric);
            Assert.Equal(reference.Factor, schedule.FactorAt(epoch, epoch), 1e-12);
            if (epoch % 7 == 0)
            {
                var next = Create();
                next.State = schedule.State;
                schedule = next;
            }
        }

        Assert.InRange(schedule.FactorAt(0, 0), 0.01, 0.5);

        PlateauSchedule Create() => new()
        {
            Maximize = maximize, AbsoluteThreshold = absolute, ReductionFactor = 0.7, Patience = 3, Threshold = 0.02, Cooldown = 2,
            MinFactor = 0.01,
        };
    }

    [Fact]
    public void The_factor_scales_the_optimizers_steps()
    {
        var (parameters, gradients) = (FlatParameters.Of(1), FlatParameters.Of(1));
        gradients.Edit()[0] = 1;
        var sgd = new Sgd(1) { LearningRateFactor = 0.25 };
        sgd.Step(parameters, gradients);
        Assert.Equal(-0.25f, parameters.Values[0]);
        Assert.Equal(1, sgd.LearningRate);
    }

    [Fact]
    public void Descriptions_tell_schedules_apart()
    {
        LearningRateSchedule[] schedules =
        [
            LearningRateSchedule.Constant, new StepSchedule(2), new StepSchedule(3), new StepSchedule(2) { Unit = ScheduleUnit.Epoch },
            new ExponentialSchedule(0.9), new CosineSchedule(5), new CosineSchedule(5, 0.1), new OneCycleSchedule(5),
            new OneCycleSchedule(5, end: 10),
            new PlateauSchedule(), new PlateauSchedule { Patience = 2 }, new CosineSchedule(5).WithWarmUp(2),
            new CosineSchedule(5).WithWarmUp(3),
        ];
        Assert.Equal(schedules.Length, schedules.Select(s => s.Describe()).Distinct().Count());
        Assert.Equal(new StepSchedule(2).Describe(), new StepSchedule(2).Describe());
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("every", () => new StepSchedule(0));
        Assert.Throws<ArgumentOutOfRangeException>("factor", () => new StepSchedule(1, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>("factor", () => new ExponentialSchedule(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>("length", () => new CosineSchedule(0));
        Assert.Throws<ArgumentOutOfRangeException>("final", () => new CosineSchedule(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>("rise", () => new OneCycleSchedule(1, rise: 1));
        Assert.Throws<ArgumentOutOfRangeException>("start", () => new OneCycleSchedule(1, start: 0.5));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => LearningRateSchedule.Constant.WithWarmUp(0));
        Assert.Throws<ArgumentOutOfRangeException>("from", () => LearningRateSchedule.Constant.WithWarmUp(1, 2));
        Assert.Throws<ArgumentOutOfRangeException>("ReductionFactor", () => new PlateauSchedule { ReductionFactor = 1 });
        Assert.Throws<ArgumentOutOfRangeException>("Patience", () => new PlateauSchedule { Patience = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("update", () => LearningRateSchedule.Constant.FactorAt(-1, 0));
        Assert.Throws<ArgumentException>("state", () => new PlateauSchedule().State = [1]);
        Assert.Throws<ArgumentException>("state", () => new StepSchedule(1).State = [1]);
    }

    private static void AssertFactors(LearningRateSchedule schedule, double[] expected)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], schedule.FactorAt(i, 0), 1e-12);
        }
    }

    /// <summary>The loop over phases of PyTorch's OneCycleLR.get_lr, with max_lr = 1 and anneal_strategy = 'cos'.</summary>
    private static double OneCycleReference(int length, double rise, double start, double end, int step)
    {
        var initial = 1 / start;
        (double EndStep, double From, double To)[] phases = [((rise * length) - 1, initial, 1), (length - 1, 1, initial / end)];
        var startStep = 0.0;
        for (var i = 0; ; i++)
        {
            if (step <= phases[i].EndStep || i == phases.Length - 1)
            {
                var part = (step - startStep) / (phases[i].EndStep - startStep);
                return phases[i].To + ((phases[i].From - phases[i].To) / 2 * (Math.Cos(Math.PI * part) + 1));
            }

            startStep = phases[i].EndStep;
        }
    }

    /// <summary>PyTorch's ReduceLROnPlateau.step, line by line.</summary>
    private sealed class PlateauReference(
        bool maximize, bool absolute, double factor, int patience, double threshold, int cooldown, double min)
    {
        private double _best = maximize ? double.NegativeInfinity : double.PositiveInfinity;
        private int _numBadEpochs;
        private int _cooldownCounter;

        public double Factor { get; private set; } = 1;

        public void Step(double current)
        {
            if (IsBetter(current))
            {
                _best = current;
                _numBadEpochs = 0;
            }
            else
            {
                _numBadEpochs += 1;
            }

            if (_cooldownCounter > 0)
            {
                _cooldownCounter -= 1;
                _numBadEpochs = 0;
            }

            if (_numBadEpochs > patience)
            {
                Factor = Math.Max(Factor * factor, min);
                _cooldownCounter = cooldown;
                _numBadEpochs = 0;
            }
        }

        private bool IsBetter(double a)
        {
            if (!maximize && !absolute)
            {
                return a < _best * (1 - threshold);
            }

            if (!maximize)
            {
                return a < _best - threshold;
            }

            return absolute ? a > _best + threshold : a > _best * (threshold + 1);
        }
    }
}
