using System.Diagnostics;

namespace RnnCodegen;

/// <content>One change of the parameters, from the gradients of one batch or of several.</content>
internal sealed partial class TrainingRun
{
    private readonly TrainingSet _set;
    private readonly TrainingBatch _batch;
    private readonly Trainees _trainees;

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
        _trainees.ClearSums();

        // One number per update, so that several batches leave the generator as one large batch does.
        var seed = State.Random.NextUInt64();
        for (var p = first; p < end; p++)
        {
            var portion = _plan[p];
            _batch.Fill(_set, _plan.Samples(portion), portion);
            var counts = _batch.Weight;

            // One batch's gradient is divided at once; several's are when it is known what all of them count.
            var sum = _batch.Train(seed + (ulong)(p - first), _batch.DivisorOf(isAlone), Carried);
            RequireFinite(sum, counts, p);
            mean.Add(sum, counts);
            weight += counts;
            Backward();
            if (isSeveral)
            {
                AddGradients(p);
            }

            samples += portion.Count;
            _batches++;
        }

        if (isSeveral)
        {
            _trainees.TakeSums(weight > 0 && _task.Loss.Reduction == Reduction.Mean && !_world.SumsUpdates ? weight : 1);
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
        if (_trainees.AddToSums(checks: !_world.SumsUpdates) is { } bad)
        {
            throw Diverged(bad, "gradient", "", portion, GrewBackwards);
        }
    }

    private void Step(int portion)
    {
        var (norm, isFinite) = _trainees.Step(_settings, State.EpochsBefore + State.Epoch);
        if (!float.IsFinite(norm))
        {
            throw Diverged(
                _trainees.FindBadGradient(), "gradient", FormattableString.Invariant($"The gradients' norm is {norm}"), portion,
                GrewBackwards);
        }

        if (!isFinite)
        {
            var error = Diverged(
                _trainees.FindBad(_trainees.Parameters), "new value", "", portion, "The gradient was finite, so the step was too large");
            _trainees.TakeStepBack();
            throw error;
        }

        State.Last = (norm, Guard.IsExploding(norm));
    }
}
