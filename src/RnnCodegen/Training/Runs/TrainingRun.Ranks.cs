namespace RnnCodegen;

/// <content>What an update of several ranks has beside that of one.</content>
internal sealed partial class TrainingRun
{
    private readonly GradientExchange? _exchange;
    private readonly ParameterSet[]? _rankGradients;
    private (int Portion, string? Hint) _bad = (-1, null);

    /// <summary>The gradient of a batch, of this rank's samples; or of all, where ranks add up batch by batch.</summary>
    private void Backward()
    {
        if (_rankGradients is null)
        {
            _batch.Backward(_trainees.Gradients);
            return;
        }

        _batch.Backward(_rankGradients);
        _world.IsCancelled |= _exchange!.SumInOrder(_rankGradients, _trainees.Gradients, _cancellation.IsCancellationRequested);
    }

    /// <summary>Adds up an update's gradients and losses over the ranks, in one call, and divides by what all of them count.</summary>
    /// <param name="mine">What this rank's samples of the update count.</param>
    /// <returns>The epoch's mean with all of the update.</returns>
    private LossMean Combine(LossMean mine)
    {
        var (sum, weight, cancelled) = _exchange!.Combine(_trainees.Gradients, mine.Sum, mine.Weight,
            _cancellation.IsCancellationRequested);
        _world.IsCancelled |= cancelled;
        var loss = (float)(weight > 0 ? sum / weight : sum);
        if (!float.IsFinite(loss))
        {
            throw DivergedOnSome(loss);
        }

        if (weight > 0 && _task.Loss.Reduction == Reduction.Mean)
        {
            _trainees.Scale((float)(1 / weight));
        }

        var mean = State.Mean;
        mean.Add(sum, weight);
        return mean;
    }

    /// <summary>Remembers where this rank's loss first was not finite, until all know.</summary>
    private void NoteBad(int portion)
    {
        if (_bad.Portion < 0)
        {
            _bad = (portion, Suspect(portion));
        }
    }

    /// <summary>The error of a loss that is not finite; the same on all ranks, with what the one that has the sample knows.</summary>
    private TrainingDivergedException DivergedOnSome(float loss)
    {
        var portion = _world.First(_bad.Portion);
        var hint = _world.FirstText(_bad.Portion == portion ? _bad.Hint : null);
        return Diverged(
            null, "", FormattableString.Invariant($"The loss is {loss}"), Math.Max(portion, State.Batch),
            hint ?? "The sum of all ranks' losses is too large");
    }
}
