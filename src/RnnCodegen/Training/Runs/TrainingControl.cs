namespace RnnCodegen;

/// <summary>What a <see cref="TrainingCallback"/> sees of a training, and can do to it.</summary>
public sealed class TrainingControl
{
    internal TrainingControl()
    {
    }

    /// <summary>Where the training is: the report of the update that was just done.</summary>
    public TrainingProgress Progress { get; internal set; }

    /// <summary>Whether the training ends after this update.</summary>
    public bool IsStopping { get; internal set; }

    /// <summary>
    /// Ends the training after this update, as if its last epoch was done: all callbacks of the update are still called, a checkpoint is
    /// written where one is wanted, and the best weights are put back where early stopping does that. A training that goes on from the
    /// checkpoint is not stopped any more.
    /// </summary>
    public void Stop() => IsStopping = true;
}
