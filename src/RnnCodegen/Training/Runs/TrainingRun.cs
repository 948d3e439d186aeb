using System.Diagnostics;

namespace RnnCodegen;

/// <summary>
/// One call of Fit or Resume: repeats update, validation and checkpoint until the epochs are done, whatever models are trained.
/// </summary>
internal sealed partial class TrainingRun
{
    private readonly TrainingTask _task;
    private readonly TrainingSettings _settings;
    private readonly int _epochs;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly BatchPlan _plan;
    private readonly Evaluation? _validation;
    private readonly string[] _metricNames;
    private readonly string? _monitored;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly RateMeter _rate = new();
    private readonly TrainingWorld _world;
    private readonly TrainingControl _control = new();
    private CancellationToken _cancellation;
    private readonly IDeviceTraining? _device;
    private readonly string? _placement;
    private long _batches;

    // The update whose validation the metrics hold.
    private long _measured = -1;

    public TrainingRun(
        TrainingTask task, TrainingSettings settings, TrainingSet training, TrainingSet? validation, int epochs,
        IProgress<TrainingProgress>? progress, TrainingState state, TrainingWorld world)
    {
        (_task, _settings, _set, _epochs, _progress) = (task, settings, training, epochs, progress);
        (State, _world, _metricNames, _monitored) = (state, world, settings.MetricNames, settings.Monitored);
        if (state.Metrics.Length == 0)
        {
            state.Metrics = [.. _metricNames.Select(name => new MetricValue(name, double.NaN))];
        }

        _plan = new BatchPlan(training, settings, evaluates: false);
        var validationPlan = validation is null ? null : new BatchPlan(validation, settings, evaluates: true);
        var sizes = BatchSizes.Of(_plan, validationPlan);
        _batch = task.CreateBatch(sizes, settings, world);
        _validation = validationPlan is null ? null : new Evaluation(task, validation!, validationPlan, _batch, settings, world);
        _batch.Device = _device = task.TryPlace(sizes, settings, world, out _placement);
        _trainees = _device is null
            ? new Trainees(task.Trainees, addsUp: settings.BatchesPerUpdate > 1)
            : new DeviceTrainees(task.Trainees, _device);
        Guard = new GradientGuard(settings.NormAlarm, settings.ClipNorm);
        Best = settings.EarlyStopping is { } stopping ? new BestWeights(stopping, _trainees.CreateGradients()) : null;
        Carried = CarriedState.For(task, settings, world);
        _rankGradients = world.JoinsBatches ? _trainees.CreateGradients() : null;
        _exchange = world.IsShared ? new GradientExchange(world.Group, _trainees.Count, world.JoinsBatches) : null;
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

            while (State.Epoch < _epochs && !State.IsStopped && !_control.IsStopping)
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

        return State.Result(Best, _settings, _epochs, Elapsed) with
        {
            StoppedByCallback = _control.IsStopping && State.Epoch < _epochs,
            Placement = _placement,
        };
    }

    /// <summary>Brings back what a device has of it, however the run ended.</summary>
    public void End() => _device?.Dispose();

    /// <summary>Time taken, earlier calls included.</summary>
    public TimeSpan Elapsed => State.ElapsedBefore + _clock.Elapsed;

    /// <summary>Puts the best weights back, and has the metrics tell of these.</summary>
    private void Restore(BestWeights best, CancellationToken cancellation)
    {
        _trainees.Keep();
        best.CopyTo(_trainees.Parameters);
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
            _trainees.TakeBack();
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
            _world.RequireSameParameters(_trainees.Parameters);
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

        if (_settings.Callbacks.Length > 0)
        {
            CallBack(progress, epochEnds);
        }
    }

    private void CallBack(in TrainingProgress progress, bool epochEnds)
    {
        _control.Progress = progress;
        foreach (var callback in _settings.Callbacks)
        {
            callback.OnUpdate(_control);
        }

        foreach (var callback in _settings.Callbacks)
        {
            if (epochEnds)
            {
                callback.OnEpoch(_control);
            }
        }

        // A rank that went on alone would wait for the others without end.
        _control.IsStopping = _world.First(_control.IsStopping ? _world.Rank : -1) >= 0;
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
        Best?.Add(monitored, _trainees.Parameters, State);
    }
}
