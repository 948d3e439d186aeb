namespace RnnCodegen;

/// <summary>
/// Is called by a trainer while it trains, on its thread: after each update and after each epoch, once validation, checkpoint and progress
/// of that update are done. A trainer calls its callbacks in their order; what one throws ends the training. Where several ranks train,
/// each calls its own: one that changes something, such as a learning rate, changes it on all of them; to stop, one is enough.
/// </summary>
public abstract class TrainingCallback
{
    /// <summary>Called after each update of the parameters.</summary>
    /// <param name="training">Says where the training is, and can stop it.</param>
    public virtual void OnUpdate(TrainingControl training)
    {
    }

    /// <summary>Called after each epoch, after <see cref="OnUpdate"/> of its last update; the loss is that of the epoch.</summary>
    /// <param name="training">Says where the training is, and can stop it.</param>
    public virtual void OnEpoch(TrainingControl training)
    {
    }

    /// <summary>A callback that acts after updates.</summary>
    /// <param name="action">What is done.</param>
    /// <param name="every">Updates from one call to the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of updates is not positive.</exception>
    public static TrainingCallback AtUpdate(Action<TrainingControl> action, int every = 1)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(every);
        return new Actions(action, every, null);
    }

    /// <summary>A callback that acts after each epoch.</summary>
    /// <param name="action">What is done.</param>
    public static TrainingCallback AtEpoch(Action<TrainingControl> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return new Actions(null, 1, action);
    }

    private sealed class Actions(Action<TrainingControl>? atUpdate, int every, Action<TrainingControl>? atEpoch) : TrainingCallback
    {
        public override void OnUpdate(TrainingControl training)
        {
            if (training.Progress.Update % every == 0)
            {
                atUpdate?.Invoke(training);
            }
        }

        public override void OnEpoch(TrainingControl training) => atEpoch?.Invoke(training);
    }
}
