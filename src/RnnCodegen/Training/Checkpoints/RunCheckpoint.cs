namespace RnnCodegen;

/// <summary>Writes and reads what a <see cref="TrainingRun"/> depends on: the two sides of one list.</summary>
/// <param name="task">What is trained.</param>
/// <param name="settings">The trainer's settings.</param>
/// <param name="training">Words for the samples trained with.</param>
/// <param name="validation">Words for those validated with.</param>
internal sealed class RunCheckpoint(TrainingTask task, TrainingSettings settings, string training, string validation)
{
    private const string StepsKey = "optimizer.steps";

    // The trainer's normaliser, or the one of the checkpoint that it goes on from.
    private IReadOnlyDictionary<string, string> _normalizer =
        settings.Checkpoint?.Normalizer?.Metadata() ?? new Dictionary<string, string>();

    /// <summary>Writes a run's state between two updates.</summary>
    /// <param name="path">The file.</param>
    /// <param name="run">The run.</param>
    /// <param name="carried">The streams' state, of all ranks.</param>
    public void Write(string path, TrainingRun run, float[] carried)
    {
        var (state, best) = (run.State, run.Best);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["epoch"] = CheckpointFields.Of(state.Epoch),
            ["batch"] = CheckpointFields.Of(state.Batch),
            ["update"] = CheckpointFields.Of(state.Update),
            ["epochs.before"] = CheckpointFields.Of(state.EpochsBefore),
            ["unfinished"] = CheckpointFields.Of(state.IsUnfinished),
            ["stopped"] = CheckpointFields.Of(state.IsStopped),
            ["random"] = CheckpointFields.Of(state.Random.State),
            ["random.epoch"] = CheckpointFields.Of(state.EpochStart),
            ["loss.mean"] = CheckpointFields.Of(state.Mean.Sum, state.Mean.Weight),
            ["metrics"] = CheckpointFields.Of([.. state.Metrics.Select(m => m.Value)]),
            ["elapsed"] = CheckpointFields.Of(run.Elapsed.Ticks),
            ["norm.last"] = CheckpointFields.Of(state.Last.Norm),
            ["norm.exploding"] = CheckpointFields.Of(state.Last.IsExploding),
            ["norms.count"] = CheckpointFields.Of(run.Guard.Count),
            ["schedule.state"] = CheckpointFields.Of(settings.Schedule?.State ?? []),
            ["best.value"] = CheckpointFields.Of(best?.Value ?? 0),
            ["best.loss"] = CheckpointFields.Of((double)(best?.Loss ?? 0)),
            ["best.metrics"] = CheckpointFields.Of([.. (best?.Metrics ?? []).Select(m => m.Value)]),
            ["validated"] = CheckpointFields.Of(state.Validated),
            ["best.position"] = CheckpointFields.Of(best?.Epoch ?? 0, best?.Update ?? 0, best?.Waited ?? 0),
            ["streams"] = CheckpointFields.Of(run.Carried?.Batch ?? 0),
        };
        foreach (var (key, value, _) in Words())
        {
            metadata.Add(key, value);
        }

        foreach (var (key, value) in _normalizer)
        {
            metadata.Add(key, value);
        }

        if (task.Trainees.Count > 1)
        {
            metadata.Add(TrainingCheckpoint.RolesKey, string.Join(' ', task.Trainees.Select(t => t.Role)));
        }

        var tensors = new List<SafeTensor>();
        for (var i = 0; i < task.Trainees.Count; i++)
        {
            var trainee = task.Trainees[i];
            trainee.Optimizer.Prepare(trainee.Parameters);
            metadata.Add(trainee.Prefix + StepsKey, CheckpointFields.Of(trainee.Optimizer.StepCount));
            Add(tensors, trainee.Parameters, trainee.Prefix + TrainingCheckpoint.ModelPrefix);
            foreach (var (name, values) in trainee.Optimizer.Slots)
            {
                tensors.Add(Flat(SlotName(trainee, name), values));
            }

            if (best is { Epoch: > 0 })
            {
                Add(tensors, best.Weights[i], trainee.Prefix + TrainingCheckpoint.BestPrefix);
            }
        }

        if (run.Carried is not null)
        {
            tensors.Add(Flat(TrainingCheckpoint.CarriedName, carried));
        }

        tensors.Add(Flat(TrainingCheckpoint.NormsName, run.Guard.Norms));
        tensors.Add(Flat(TrainingCheckpoint.TrainingLossesName, state.TrainingLosses.ToArray()));
        tensors.Add(Flat(TrainingCheckpoint.ValidationLossesName, state.ValidationLosses.ToArray()));
        TrainingCheckpoint.Write(path, tensors, metadata);
    }

    /// <summary>
    /// Reads a state; models, optimizers and schedule are as they were at its writing once the returned action was called, and untouched
    /// until then. The run to fill is made from the state's generator and earlier epochs.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is damaged, or another training's; nothing was changed.</exception>
    public (TrainingState State, Action<TrainingRun> Apply) Read(TrainingCheckpoint file)
    {
        file.RequireRoles([.. task.Trainees.Select(t => t.Role)]);
        _normalizer = settings.Checkpoint?.Normalizer is null ? file.Normalizer : _normalizer;
        foreach (var trainee in task.Trainees)
        {
            file.Check(trainee.Parameters, trainee.Prefix + TrainingCheckpoint.ModelPrefix);
            trainee.Optimizer.Prepare(trainee.Parameters);
        }

        foreach (var (key, value, what) in Words())
        {
            file.Require(key, value, what);
        }

        var fields = file.Fields;
        var steps = new long[task.Trainees.Count];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = fields.Integer(task.Trainees[i].Prefix + StepsKey);
            foreach (var (name, values) in task.Trainees[i].Optimizer.Slots)
            {
                _ = file.Floats(SlotName(task.Trainees[i], name), values.Length);
            }
        }

        var random = new SeededRandom(0) { State = fields.Random("random") };
        var (mean, best, norms) = (fields.Numbers("loss.mean", 2), fields.Integers("best.position", 3), new float[GradientGuard.Window]);
        var bestValue = fields.Numbers("best.value", 1)[0];
        file.Floats(TrainingCheckpoint.NormsName, norms.Length).CopyTo(norms);
        var state = new TrainingState(random, fields.Count("epochs.before"))
        {
            EpochStart = fields.Random("random.epoch"),
            Epoch = file.Epoch,
            Batch = file.Batch,
            Update = file.Update,
            IsUnfinished = fields.Flag("unfinished"),
            IsStopped = fields.Flag("stopped"),
            Mean = new LossMean { Sum = mean[0], Weight = mean[1] },
            Last = ((float)fields.Numbers("norm.last", 1)[0], fields.Flag("norm.exploding")),
            Metrics = Metrics("metrics"),
            Validated = fields.Integer("validated"),
            IsResumed = true,
            ElapsedBefore = TimeSpan.FromTicks(fields.Integer("elapsed")),
        };
        state.TrainingLosses.AddRange(file.TrainingLosses);
        state.ValidationLosses.AddRange(file.ValidationLosses);
        var (normCount, schedule, streams) = (fields.Count("norms.count"), fields.Numbers("schedule.state"), fields.Count("streams"));
        var streamSize = task.Trainees[0].Core.Definition.State.Sum(s => s.Size);
        float[] carried = streams == 0 ? [] : file.Floats(TrainingCheckpoint.CarriedName, streams * streamSize).ToArray();
        var (bestLoss, bestMetrics) = ((float)fields.Numbers("best.loss", 1)[0], best[0] > 0 ? Metrics("best.metrics") : []);
        foreach (var trainee in task.Trainees)
        {
            if (best[0] > 0)
            {
                file.Check(trainee.Parameters, trainee.Prefix + TrainingCheckpoint.BestPrefix);
            }
        }

        return (state, Apply);

        MetricValue[] Metrics(string key)
        {
            var names = settings.MetricNames;
            return [.. names.Zip(fields.Numbers(key, names.Length), (name, value) => new MetricValue(name, value))];
        }

        void Apply(TrainingRun run)
        {
            if (settings.Schedule is not null)
            {
                settings.Schedule.State = schedule;
            }

            for (var i = 0; i < steps.Length; i++)
            {
                var trainee = task.Trainees[i];
                file.Copy(trainee.Parameters, trainee.Prefix + TrainingCheckpoint.ModelPrefix);
                foreach (var (name, values) in trainee.Optimizer.Slots)
                {
                    file.Floats(SlotName(trainee, name)).CopyTo(values);
                }

                trainee.Optimizer.StepCount = steps[i];
                if (run.Best is not null && best[0] > 0)
                {
                    file.Copy(run.Best.Weights[i], trainee.Prefix + TrainingCheckpoint.BestPrefix);
                }
            }

            run.Guard.Restore(norms, normCount);
            if (run.Best is { } target && best[0] > 0)
            {
                (target.Value, target.Epoch, target.Update) = (bestValue, (int)best[0], best[1]);
                (target.Loss, target.Metrics) = (bestLoss, bestMetrics);
            }

            if (run.Best is not null)
            {
                run.Best.Waited = (int)best[2];

                // The patience may be another than the one it ran out of.
                state.IsStopped &= run.Best.IsOutOfPatience;
            }

            if (streams > 0)
            {
                run.Carried!.Restore(streams, carried);
            }
        }
    }

    /// <summary>What must be the same for a training to go on, and on all ranks: its key, its words, and what it is.</summary>
    public (string Key, string Words, string What)[] Words() =>
    [
        .. task.Trainees.SelectMany<Trainee, (string, string, string)>(t =>
        [
            (t.Prefix + TrainingCheckpoint.ModelKey, t.Name, t.Role.Length == 0 ? "model" : t.Role),
            (t.Prefix + "optimizer", t.Optimizer.Describe(), t.Its("optimizer")),
        ]),
        ("schedule", settings.Schedule?.Describe() ?? "none", "learning-rate schedule"),
        ("plan", settings.DescribePlan(), "settings"),
        .. task.Words,
        ("loss", task.Loss.Describe(), "loss"),
        ("data.training", training, "training set"),
        ("data.validation", validation, "validation set"),
    ];

    private static string SlotName(Trainee trainee, string slot) => trainee.Prefix + TrainingCheckpoint.OptimizerPrefix + slot;

    private static void Add(List<SafeTensor> tensors, ParameterSet parameters, string prefix) =>
        tensors.AddRange(parameters.Tensors.Select(t => new SafeTensor(prefix + t.Name, t.Shape, t.Memory)));

    private static SafeTensor Flat(string name, ReadOnlyMemory<float> values) => new(name, [values.Length], values);
}
