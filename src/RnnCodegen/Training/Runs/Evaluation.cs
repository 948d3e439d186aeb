namespace RnnCodegen;

/// <summary>Computes loss and metrics of a set without dropout; the models stay as they are.</summary>
internal sealed class Evaluation
{
    private readonly TrainingSet _set;
    private readonly BatchPlan _plan;
    private readonly TrainingBatch _batch;
    private readonly Metric[] _metrics;
    private readonly CarriedState? _streams;
    private readonly TrainingWorld _world;

    public Evaluation(
        TrainingTask task, TrainingSet set, BatchPlan plan, TrainingBatch batch, TrainingSettings settings, TrainingWorld world)
    {
        (_set, _plan, _batch, _metrics, _world) = (set, plan, batch, settings.Metrics, world);
        _streams = CarriedState.For(task, settings, world);
        _plan.Arrange(null);
    }

    /// <summary>The loss and metrics of a set, on this process alone.</summary>
    public static float Once(TrainingTask task, TrainingSet set, TrainingSettings settings, CancellationToken cancellation)
    {
        var plan = new BatchPlan(set, settings, evaluates: true);
        var alone = TrainingWorld.Alone;
        return new Evaluation(task, set, plan, task.CreateBatch(BatchSizes.Of(plan), settings, alone), settings, alone).Run(cancellation);
    }

    /// <summary>The mean loss over all samples; the metrics are filled.</summary>
    public float Run(CancellationToken cancellation)
    {
        foreach (var metric in _metrics)
        {
            metric.Reset();
        }

        var mean = default(LossMean);
        for (var p = 0; p < _plan.Count; p++)
        {
            _world.ThrowIfCancelled(cancellation);
            var portion = _plan[p];
            var samples = _plan.Samples(portion);
            _batch.Fill(_set, samples, portion);
            mean.Add(_batch.Evaluate(_streams), _batch.Weight);
            _batch.AddTo(_metrics, _set, samples);
        }

        return Combine(mean).Value;
    }

    /// <summary>The loss and metrics of all ranks, added up in their order; what each has of all samples stays.</summary>
    private LossMean Combine(LossMean mean)
    {
        if (!_world.SumsUpdates && !(_world.IsShared && _metrics.Any(_batch.IsOfOwnSamples)))
        {
            return mean;
        }

        var (sums, sum, weight) = (new SumExchange(), mean.Sum, mean.Weight);
        Visit();
        sums.Combine(_world.Group);
        Visit();
        return new LossMean { Sum = sum, Weight = weight };

        void Visit()
        {
            if (_world.SumsUpdates)
            {
                sums.Add(ref sum);
                sums.Add(ref weight);
            }

            foreach (var metric in _metrics)
            {
                if (_world.SumsUpdates || _batch.IsOfOwnSamples(metric))
                {
                    metric.Visit(sums);
                }
            }
        }
    }
}
