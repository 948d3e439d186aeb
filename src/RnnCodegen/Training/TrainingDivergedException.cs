namespace RnnCodegen;

/// <summary>
/// A loss, gradient or weight stopped being finite. The parameters are those before the update that showed it, and the last checkpoint stays.
/// </summary>
public sealed class TrainingDivergedException : Exception
{
    internal TrainingDivergedException(string message, int epoch, int batch, IReadOnlyList<int> samples, string? parameter)
        : base(message) => (Epoch, Batch, Samples, Parameter) = (epoch, batch, samples, parameter);

    /// <summary>The epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The batch of the epoch, from 1; where an update is made of several and the loss of each was finite, the last of them.</summary>
    public int Batch { get; }

    /// <summary>The batch's samples, as indices of the training set.</summary>
    public IReadOnlyList<int> Samples { get; }

    /// <summary>
    /// The first tensor, in the order of the layers, whose gradient or new value is not finite; null where the loss was not.
    /// </summary>
    public string? Parameter { get; }
}
