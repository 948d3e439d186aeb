namespace RnnCodegen;

/// <content>What a training tells: of its updates, of its end, and of numbers that stopped being finite.</content>
internal sealed partial class TrainingRun
{
    private const string GrewBackwards = "The loss was finite, so a value grew too large on the way back";

    private TrainingProgress Describe(bool validated)
    {
        var elapsed = _clock.Elapsed;
        var left = ((double)(_epochs - State.Epoch) * _plan.Count) - State.Batch;
        return new TrainingProgress
        {
            Epoch = State.Epoch + 1,
            Epochs = _epochs,
            Batch = State.Batch,
            Batches = _plan.Count,
            Update = State.Update,
            Loss = State.Mean.Value,
            ValidationLoss = State.ValidationLosses.Count > 0 ? State.ValidationLosses[^1] : null,
            Metrics = State.Metrics,
            IsValidated = validated,
            IsBest = validated && Best is { Waited: 0 },
            Monitored = _monitored,
            IsResumed = State.IsResumed,
            GradientNorm = State.Last.Norm,
            IsExploding = State.Last.IsExploding,
            LearningRate = _trainees.LearningRate,
            SamplesPerSecond = _rate.PerSecond,
            Elapsed = Elapsed,

            // Nothing was trained yet where a resume starts with the validation it was cancelled in.
            Remaining = TrainingState.Remaining(elapsed, _batches, left),
        };
    }

    private void RequireFinite(double sum, double weight, int portion)
    {
        var loss = (float)(weight > 0 ? sum / weight : sum);
        if (float.IsFinite(loss))
        {
            return;
        }

        if (_world.SumsUpdates)
        {
            NoteBad(portion);
            return;
        }

        throw Diverged(null, "", FormattableString.Invariant($"The loss is {loss}"), portion, Suspect(portion));
    }

    /// <summary>Where to look for the reason of a loss that is not finite though inputs and targets are.</summary>
    private string Suspect(int portion)
    {
        if (_trainees.FindBad(_trainees.Parameters) is { } bad)
        {
            return FormattableString.Invariant($"{bad.Trainee.Subject} began with {bad.Value} at {bad.Index} of {bad.Tensor.Name}");
        }

        return _batch.FindBadOutput() is var (sample, step, value)
            ? FormattableString.Invariant(
                $"The output of sample {_plan.Samples(_plan[portion])[sample]} is {value} at its step {step}, the first that is not finite")
            : "All outputs are finite: look for targets or weights that are not scaled";
    }

    private TrainingDivergedException Diverged(BadValue? bad, string whose, string otherwise, int portion, string hint)
    {
        var samples = _plan.Samples(_plan[portion]).ToArray();
        var what = bad is { } place
            ? FormattableString.Invariant($"The {whose} of {place.Trainee.Owner}{place.Tensor.Name} is {place.Value} at {place.Index}")
            : otherwise;
        return new TrainingDivergedException(what, hint, State.Epoch + 1, portion + 1, samples, bad?.Tensor.Name);
    }
}
