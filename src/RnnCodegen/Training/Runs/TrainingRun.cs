using System.Diagnostics;
using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>One call of Fit or Resume: repeats update, validation and checkpoint until the epochs are done.</summary>
internal sealed partial class TrainingRun
{
    private readonly ModelCore _core;
    private readonly Loss _loss;
    private readonly Optimizer _optimizer;
    private readonly TrainingSettings _settings;
    private readonly TrainingSet _set;
    private readonly int _epochs;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly BatchPlan _plan;
    private readonly TrainingBatch _batch;
    private readonly ParameterSet _gradients;
    private readonly float[] _before;
    private readonly Evaluation? _validation;
    private readonly GradientSum? _sum;
    private readonly string[] _metricNames;
    private readonly string? _monitored;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly RateMeter _rate = new();
    private long _batches;

    // The update whose validation the metrics hold.
    private long _measured = -1;

    public TrainingRun(
        ModelCore core, Loss loss, Optimizer optimizer, TrainingSettings settings, TrainingSet training, TrainingSet? validation,
        int epochs, IProgress<TrainingProgress>? progress, TrainingState state, TrainingWorld world)
    {
        (_core, _loss, _optimizer, _settings, _set, _epochs, _progress) = (core, loss, optimizer, settings, training, epochs, progress);
        (State, _world, _metricNames, _monitored) = (state, world, settings.MetricNames, settings.Monitored);
        if (state.Metrics.Length == 0)
        {
            state.Metrics = [.. _metricNames.Select(name => new MetricValue(name, double.NaN))];
        }

        _plan = new BatchPlan(training, settings, evaluates: false);
        var validationPlan = validation is null ? null : new BatchPlan(validation, settings, evaluates: true);
        _batch = new TrainingBatch(
            core, loss, Math.Max(_plan.MaxSteps, validationPlan?.MaxSteps ?? 0), Math.Max(_plan.MaxCount, validationPlan?.MaxCount ?? 0),
            settings.Truncation is { } t && t.Window > t.Steps ? t.Steps : 0, world);
        _validation = validationPlan is null ? null : new Evaluation(core, validation!, validationPlan, _batch, settings, world);
        _gradients = core.CreateGradients();
        _before = new float[core.Parameters.Count];
        _sum = settings.BatchesPerUpdate > 1 ? new GradientSum(core.Parameters.Count) : null;
        Guard = new GradientGuard(settings.NormAlarm, settings.ClipNorm);
        Best = settings.EarlyStopping is { } stopping ? new BestWeights(stopping, core.CreateGradients()) : null;
        Carried = settings.Truncation is null ? null : new CarriedState(core, world);
        _rankGradients = world.JoinsBatches ? core.CreateGradients() : null;
        _exchange = world.IsShared ? new GradientExchange(world.Group, _gradients.Count, world.JoinsBatches) : null;
    }

    /// <summary>Where this training stands.</summary>
    public TrainingState State { get; }

    /// <summary>The best validation so far; null without early stopping.</summary>
    public BestWeights? Best { get; }

    /// <summary>The norms so far.</summary>
    public GradientGuard Guard { get; }

    /// <summary>The streams' state; null unless backpropagation is truncated.</summary>
    public CarriedState? Carried { get; }

    /// <summary>Writes a checkpoint; null where none is wanted.</summary>
    public Action? Save { get; set; }

    /// <summary>Trains to the end, or to where the state says that it was.</summary>
    public TrainingResult Run(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        try
        {
            if (State.Batch > 0)
            {
                ArrangeAgain();
            }

            if (State.IsUnfinished)
            {
                Finish(cancellation);
            }

            while (State.Epoch < _epochs && !State.IsStopped)
            {
                _world.ThrowIfCancelled(cancellation);
                Update();
                Finish(cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested || _world.IsCancelled)
        {
            Save?.Invoke();
            throw;
        }

        Save?.Invoke();
        if (Best is { Epoch: > 0 } best && _settings.EarlyStopping!.RestoresBest)
        {
            Restore(best, cancellation);
        }

        return State.Result(Best, _settings, _epochs, Elapsed);
    }

    /// <summary>Time taken, earlier calls included.</summary>
    public TimeSpan Elapsed => State.ElapsedBefore + _clock.Elapsed;

    /// <summary>Puts the best weights back, and has the metrics tell of these.</summary>
    private void Restore(BestWeights best, CancellationToken cancellation)
    {
        _core.Parameters.Values.CopyTo(_before);
        _core.Parameters.CopyFrom(best.Weights);
        if (_settings.Metrics.Length == 0 || _measured == best.Update)
        {
            return;
        }

        try
        {
            _validation!.Run(cancellation);
        }
        catch (OperationCanceledException)
        {
            _before.CopyTo(_core.Parameters.Edit());
            throw;
        }
    }

    /// <summary>The order of an epoch that was begun before.</summary>
    private void ArrangeAgain()
    {
        var now = State.Random.State;
        State.Random.State = State.EpochStart;
        _plan.Arrange(State.Random);
        State.Random.State = now;
    }

    /// <summary>One change of the parameters, from the gradients of one batch or of several.</summary>
    private void Update()
    {
        if (State.Batch == 0)
        {
            State.EpochStart = State.Random.State;
            _plan.Arrange(State.Random);
        }

        var first = State.Batch;
        var end = (int)Math.Min((long)first + _settings.BatchesPerUpdate, _plan.Count);
        var mean = _world.SumsUpdates ? default : State.Mean;
        var (isSeveral, isAlone, weight) = (end - first > 1, end - first == 1 && !_world.SumsUpdates, 0.0);
        var (samples, began) = (0L, Stopwatch.GetTimestamp());
        _sum?.Clear();

        // One number an update, so that several batches leave the generator as one large batch does.
        var seed = State.Random.NextUInt64();
        for (var p = first; p < end; p++)
        {
            var portion = _plan[p];
            _batch.Fill(_set, _plan.Samples(portion), portion);
            var start = Carried?.Begin(portion);
            var state = Carried?.State;
            var counts = _batch.Weight;

            // One batch's gradient is divided at once; several's are when it is known what all of them count.
            var sum = _batch.Train(
                seed + (ulong)(p - first), _batch.DivisorOf(isAlone), start, portion.Advance == portion.Steps ? state : null);
            RequireFinite(sum, counts, p);
            mean.Add(sum, counts);
            weight += counts;
            Backward();
            if (isSeveral)
            {
                AddGradients(p);
            }

            if (portion.Advance > 0 && portion.Advance < portion.Steps)
            {
                _batch.Advance(portion.Advance, state!);
            }

            samples += portion.Count;
            _batches++;
        }

        if (isSeveral)
        {
            _sum!.DivideInto(_gradients.Edit(), weight > 0 && _loss.Reduction == Reduction.Mean && !_world.SumsUpdates ? weight : 1);
        }

        if (_world.SumsUpdates)
        {
            mean = Combine(mean);
        }

        Step(end - 1);
        _rate.Add(samples, Stopwatch.GetTimestamp() - began);
        (State.Mean, State.Batch, State.Update, State.IsUnfinished) = (mean, end, State.Update + 1, true);
    }

    /// <summary>Adds one batch's gradients to those of its update, and finds the batch they are not finite in.</summary>
    private void AddGradients(int portion)
    {
        _optimizer.ClearFrozen(_core.Parameters, _gradients);
        if (!_world.SumsUpdates && !TensorPrimitives.IsFiniteAll(_gradients.Values))
        {
            throw Diverged(GradientGuard.FindBad(_gradients), "gradient", "", portion, GrewBackwards);
        }

        _sum!.Add(_gradients.Values);
    }

    private void Step(int portion)
    {
        var parameters = _core.Parameters;
        _optimizer.ClearFrozen(parameters, _gradients);
        var norm = GradientClipping.ByGlobalNorm(_gradients, _settings.ClipNorm);
        if (!float.IsFinite(norm))
        {
            throw Diverged(
                GradientGuard.FindBad(_gradients), "gradient", FormattableString.Invariant($"The gradients' norm is {norm}"), portion, GrewBackwards);
        }

        if (float.IsFinite(_settings.ClipValue))
        {
            GradientClipping.ByValue(_gradients, _settings.ClipValue);
        }

        if (_settings.Schedule is { } schedule)
        {
            _optimizer.LearningRateFactor = schedule.FactorAt(_optimizer.StepCount, State.EpochsBefore + State.Epoch);
        }

        parameters.Values.CopyTo(_before);
        _optimizer.Step(parameters, _gradients);
        if (!TensorPrimitives.IsFiniteAll(parameters.Values))
        {
            var bad = GradientGuard.FindBad(parameters);
            var error = Diverged(bad, "new value", "", portion, "The gradient was finite, so the step was too large");
            _before.CopyTo(parameters.Edit());
            throw error;
        }

        State.Last = (norm, Guard.IsExploding(norm));
    }

    /// <summary>All that follows an update: validation, early stopping, checkpoint, report.</summary>
    private void Finish(CancellationToken cancellation)
    {
        var epochEnds = State.Batch == _plan.Count;
        var validates = _validation is not null && (_settings.ValidateEvery > 0 ? State.Update % _settings.ValidateEvery == 0 : epochEnds);
        var loss = State.Mean.Value;
        if (validates)
        {
            Validate(cancellation);
        }
        else if (epochEnds && _validation is null)
        {
            _settings.Schedule?.Observe(loss);
        }

        var progress = Describe(validates);
        State.IsUnfinished = false;
        State.IsStopped = Best is { IsOutOfPatience: true };
        if (epochEnds)
        {
            State.TrainingLosses.Add(loss);
            (State.Epoch, State.Batch, State.Mean) = (State.Epoch + 1, 0, default);
        }

        if (epochEnds)
        {
            _world.RequireSameParameters(_core.Parameters);
        }

        if (_settings.Checkpoint is { } checkpoint
            && (IsMultiple(State.Update, checkpoint.EveryUpdates) || (epochEnds && IsMultiple(State.Epoch, checkpoint.EveryEpochs))))
        {
            Save!();
        }

        if (_world.IsFirst)
        {
            _progress?.Report(progress);
        }
    }

    private static bool IsMultiple(long count, int of) => of > 0 && count % of == 0;

    private void Validate(CancellationToken cancellation)
    {
        var loss = _validation!.Run(cancellation);
        State.ValidationLosses.Add(loss);
        State.Metrics = [.. _settings.Metrics.Zip(_metricNames, (metric, name) => new MetricValue(name, metric.Value))];
        (State.Validated, _measured) = (State.Update, State.Update);
        var monitored = _settings.EarlyStopping?.Monitor?.Value ?? loss;
        _settings.Schedule?.Observe(monitored);
        Best?.Add(monitored, _core.Parameters, State);
    }
}
