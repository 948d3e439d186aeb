using System.Diagnostics;
using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>One call of a sequence-to-sequence trainer's Fit: repeats update and validation until the epochs are done.</summary>
internal sealed class SequenceToSequenceRun
{
    private const string MetricName = "exact match";

    private readonly SequenceToSequenceTask _task;
    private readonly TrainingSettings _settings;
    private readonly TrainingSet _set;
    private readonly int _epochs;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly BatchPlan _plan;
    private readonly SequenceToSequenceBatch _batch;
    private readonly SequenceToSequenceEvaluator? _validation;
    private readonly Half[] _halves;
    private readonly ParameterSet[] _gradients;
    private readonly GradientGuard _guard;
    private readonly TrainingState _state;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly RateMeter _rate = new();

    public SequenceToSequenceRun(
        SequenceToSequenceTask task, TrainingSettings settings, TrainingSet training, TrainingSet? validation, int epochs,
        IProgress<TrainingProgress>? progress, TrainingState state)
    {
        (_task, _settings, _set, _epochs, _progress, _state) = (task, settings, training, epochs, progress, state);
        _halves = [new Half(task.Encoder, task.EncoderOptimizer, settings), new Half(task.Decoder, task.DecoderOptimizer, settings)];
        _gradients = [_halves[0].Gradients, _halves[1].Gradients];
        _plan = new BatchPlan(training, settings, evaluates: false);
        var validationPlan = validation is null ? null : new BatchPlan(validation, settings, evaluates: true);
        _batch = task.CreateBatch(_plan, training, validationPlan, validation);
        _validation = validationPlan is null ? null : task.CreateEvaluator(validation!, validationPlan, _batch);
        _guard = new GradientGuard(settings.NormAlarm, settings.ClipNorm);
        _state.Metrics = [new MetricValue(MetricName, double.NaN)];
    }

    public int EpochsDone => _state.Epoch;

    /// <summary>The best validation so far; null without early stopping.</summary>
    private BestWeights? Best => _halves[1].Best;

    public TrainingResult Run(CancellationToken cancellation)
    {
        for (; _state.Epoch < _epochs && !_state.IsStopped; _state.Epoch++)
        {
            (_state.Batch, _state.Mean) = (0, default);
            cancellation.ThrowIfCancellationRequested();
            _plan.Arrange(_state.Random);
            while (_state.Batch < _plan.Count)
            {
                cancellation.ThrowIfCancellationRequested();
                Update();
                var validates = _validation is not null && _state.Batch == _plan.Count;
                if (validates)
                {
                    Validate(cancellation);
                }

                _progress?.Report(Describe(validates));
            }

            _state.TrainingLosses.Add(_state.Mean.Value);
            _settings.Schedule?.Observe(_validation is null ? _state.Mean.Value : _state.ValidationLosses[^1]);
        }

        if (Best is { Epoch: > 0 } && _settings.EarlyStopping!.RestoresBest)
        {
            foreach (var half in _halves)
            {
                half.Parameters.CopyFrom(half.Best!.Weights);
            }
        }

        return _state.Result(Best, _settings, _epochs, _clock.Elapsed);
    }

    private void Update()
    {
        var began = Stopwatch.GetTimestamp();
        var samples = _plan.Samples(_plan[_state.Batch]);
        _batch.Fill(_set, samples);
        var (encoderSeed, decoderSeed) = (_state.Random.NextUInt64(), _state.Random.NextUInt64());
        var sum = _batch.Train(encoderSeed, decoderSeed);
        var mean = _state.Mean;
        mean.Add(sum, _batch.Weight);
        if (!double.IsFinite(sum))
        {
            throw Diverged(null, "", FormattableString.Invariant($"The loss is {sum}"), Suspect());
        }

        _batch.Backward(_gradients[0], _gradients[1]);
        Step();
        _rate.Add(samples.Length, Stopwatch.GetTimestamp() - began);
        (_state.Mean, _state.Batch, _state.Update) = (mean, _state.Batch + 1, _state.Update + 1);
    }

    /// <summary>Where to look for the reason of a loss that is not finite though all inputs are.</summary>
    private string Suspect() => FindBad(half => half.Parameters) is var (half, tensor, index)
        ? FormattableString.Invariant($"{half.Name} began with {tensor.Values[index]} at {index} of {tensor.Name}")
        : "All inputs are finite: look for inputs that are not scaled";

    private void Step()
    {
        foreach (var half in _halves)
        {
            half.Optimizer.ClearFrozen(half.Parameters, half.Gradients);
        }

        var norm = GradientClipping.ByGlobalNorm(_gradients, _settings.ClipNorm);
        if (!float.IsFinite(norm))
        {
            throw Diverged(
                FindBad(half => half.Gradients), "gradient", FormattableString.Invariant($"The gradients' norm is {norm}"),
                "The loss was finite, so a value grew too large on the way back");
        }

        var finite = true;
        foreach (var half in _halves)
        {
            if (_settings.Schedule is { } schedule)
            {
                half.Optimizer.LearningRateFactor = schedule.FactorAt(half.Optimizer.StepCount, _state.EpochsBefore + _state.Epoch);
            }

            half.Parameters.Values.CopyTo(half.Before);
            half.Optimizer.Step(half.Parameters, half.Gradients);
            finite &= TensorPrimitives.IsFiniteAll(half.Parameters.Values);
        }

        if (!finite)
        {
            var error = Diverged(FindBad(half => half.Parameters), "new value", "", "The gradient was finite, so the step was too large");
            foreach (var half in _halves)
            {
                half.Before.CopyTo(half.Parameters.Edit());
            }

            throw error;
        }

        _state.Last = (norm, _guard.IsExploding(norm));
    }

    private void Validate(CancellationToken cancellation)
    {
        var (loss, exactMatch) = _validation!.Run(cancellation);
        _state.ValidationLosses.Add(loss);
        _state.Metrics = [new MetricValue(MetricName, exactMatch)];
        _state.Validated = _state.Update;
        foreach (var half in _halves)
        {
            half.Best?.Add(loss, half.Parameters, _state);
        }

        _state.IsStopped = Best is { IsOutOfPatience: true };
    }

    private TrainingProgress Describe(bool validated)
    {
        var elapsed = _clock.Elapsed;
        var left = ((double)(_epochs - _state.Epoch) * _plan.Count) - _state.Batch;
        return new TrainingProgress
        {
            Epoch = _state.Epoch + 1,
            Epochs = _epochs,
            Batch = _state.Batch,
            Batches = _plan.Count,
            Update = _state.Update,
            Loss = _state.Mean.Value,
            ValidationLoss = _state.ValidationLosses.Count > 0 ? _state.ValidationLosses[^1] : null,
            Metrics = _state.Metrics,
            IsValidated = validated,
            IsBest = validated && Best is { Waited: 0 },
            GradientNorm = _state.Last.Norm,
            IsExploding = _state.Last.IsExploding,
            LearningRate = _task.DecoderOptimizer.LearningRate * _task.DecoderOptimizer.LearningRateFactor,
            SamplesPerSecond = _rate.PerSecond,
            Elapsed = elapsed,
            Remaining = elapsed * (left / _state.Update),
        };
    }

    private (Half Half, Parameter Tensor, int Index)? FindBad(Func<Half, ParameterSet> which)
    {
        foreach (var half in _halves)
        {
            if (GradientGuard.FindBad(which(half)) is var (tensor, index))
            {
                return (half, tensor, index);
            }
        }

        return null;
    }

    private TrainingDivergedException Diverged((Half Half, Parameter Tensor, int Index)? bad, string whose, string otherwise, string hint)
    {
        var samples = _plan.Samples(_plan[_state.Batch]).ToArray();
        var what = bad is var (half, tensor, index)
            ? FormattableString.Invariant($"The {whose} of {half.Name}'s {tensor.Name} is {tensor.Values[index]} at {index}")
            : otherwise;
        return new TrainingDivergedException(what, hint, _state.Epoch + 1, _state.Batch + 1, samples, bad?.Tensor.Name);
    }

    /// <summary>One of the two models, and what changes it.</summary>
    private sealed class Half(ModelCore core, Optimizer optimizer, TrainingSettings settings)
    {
        public string Name => core.Definition.Name;

        public ParameterSet Parameters => core.Parameters;

        public Optimizer Optimizer => optimizer;

        public ParameterSet Gradients { get; } = core.CreateGradients();

        /// <summary>The weights of the best validation; null without early stopping. Both halves' see the same values.</summary>
        public BestWeights? Best { get; } = settings.EarlyStopping is { } stopping ? new BestWeights(stopping, core.CreateGradients()) : null;

        public float[] Before { get; } = new float[core.Parameters.Count];
    }
}
