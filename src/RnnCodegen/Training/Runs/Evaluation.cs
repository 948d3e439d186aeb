namespace RnnCodegen;

/// <summary>Computes loss and metrics of a set without dropout; the model stays as it is.</summary>
internal sealed class Evaluation
{
    private readonly TrainingSet _set;
    private readonly BatchPlan _plan;
    private readonly TrainingBatch _batch;
    private readonly Metric[] _metrics;
    private readonly CarriedState? _carried;
    private readonly TrainingWorld _world;

    public Evaluation(ModelCore core, TrainingSet set, BatchPlan plan, TrainingBatch batch, TrainingSettings settings, TrainingWorld world)
    {
        (_set, _plan, _batch, _metrics, _world) = (set, plan, batch, settings.Metrics, world);
        _carried = settings.Truncation is null ? null : new CarriedState(core, world);
        _plan.Arrange(null);
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
            _batch.Fill(_set, _plan.Samples(portion), portion);
            var start = _carried?.Begin(portion);
            mean.Add(_batch.Evaluate(start, _carried?.State), _batch.Weight);
            foreach (var metric in _metrics)
            {
                _batch.AddTo(metric);
            }
        }

        return (_world.SumsUpdates ? Combine(mean) : mean).Value;
    }

    /// <summary>The loss and metrics of all ranks, added up in their order.</summary>
    private LossMean Combine(LossMean mean)
    {
        var (sums, sum, weight) = (new SumExchange(), mean.Sum, mean.Weight);
        Visit();
        sums.Combine(_world.Group);
        Visit();
        return new LossMean { Sum = sum, Weight = weight };

        void Visit()
        {
            sums.Add(ref sum);
            sums.Add(ref weight);
            foreach (var metric in _metrics)
            {
                metric.Visit(sums);
            }
        }
    }
}
