namespace RnnCodegen;

/// <content>What an update of several ranks has beside that of one.</content>
internal sealed partial class TrainingRun
{
    private readonly TrainingWorld _world;
    private readonly GradientExchange? _exchange;
    private readonly ParameterSet? _rankGradients;
    private CancellationToken _cancellation;
    private (int Portion, int Sample) _bad = (-1, -1);

    /// <summary>The gradient of the batch, of this rank's samples; or of all, where ranks add up batch by batch.</summary>
    private void Backward(bool accumulate)
    {
        if (_rankGradients is null)
        {
            _batch.Backward(_gradients, accumulate);
            return;
        }

        _batch.Backward(_rankGradients, accumulate: false);
        _world.IsCancelled |= _exchange!.SumInOrder([_rankGradients], [_gradients], accumulate, _cancellation.IsCancellationRequested);
    }

    /// <summary>Adds up an update's gradients and losses over the ranks, in one call.</summary>
    /// <param name="mine">What this rank's samples of the update count.</param>
    /// <returns>The epoch's mean with all of the update, and the update's weight.</returns>
    private (LossMean Mean, double Weight) Combine(LossMean mine)
    {
        var (sum, weight, cancelled) = _exchange!.Combine([_gradients], mine.Sum, mine.Weight, _cancellation.IsCancellationRequested);
        _world.IsCancelled |= cancelled;
        if (!float.IsFinite((float)(weight > 0 ? sum / weight : sum)))
        {
            throw DivergedOnSome(sum, weight);
        }

        var mean = State.Mean;
        mean.Add(sum, weight);
        return (mean, weight);
    }

    /// <summary>Remembers where this rank's loss first was not finite, until all know.</summary>
    private void NoteBad(int portion)
    {
        if (_bad.Portion < 0)
        {
            _bad = (portion, _batch.FindBadInput());
        }
    }

    /// <summary>The error of a loss that is not finite; the same on all ranks, with what the one that has the sample knows.</summary>
    private TrainingDivergedException DivergedOnSome(double sum, double weight)
    {
        var portion = _world.First(_bad.Portion);
        var sample = _world.First(_bad.Portion == portion ? _bad.Sample : -1);
        portion = portion < 0 ? State.Batch : portion;
        return Diverged(
            null, "", FormattableString.Invariant($"The loss is {(float)(weight > 0 ? sum / weight : sum)}"), portion,
            sample < 0 ? "Look for targets that are not finite or not scaled" : $"The input of sample {_plan.Samples(_plan[portion])[sample]} is not finite");
    }
}
