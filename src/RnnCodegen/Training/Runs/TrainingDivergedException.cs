namespace RnnCodegen;

/// <summary>
/// A loss, gradient or weight stopped being finite. The parameters are
/// those before the update that showed it, and the last checkpoint stays.
/// </summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>Names place and cure.</summary>
    /// <param name="what">The quantity that is not finite.</param>
    /// <param name="hint">Where to look.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="batch">The batch, from 1.</param>
    /// <param name="samples">Its samples.</param>
    /// <param name="parameter">The tensor; null for a loss.</param>
    internal TrainingDivergedException(string what, string hint, int epoch, int batch, int[] samples, string? parameter)
        : base($"{what} in epoch {epoch}, batch {batch} (samples {List(samples)}). {hint}; a lower learning rate or a smaller " +
            "ClipNorm may help.") =>
        (Epoch, Batch, Samples, Parameter) = (epoch, batch, samples, parameter);

    /// <summary>The epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>
    /// The batch of the epoch, from 1; where an update is made of several and loss and gradient of each were finite, the last of them.
    /// </summary>
    public int Batch { get; }

    /// <summary>The batch's samples, as indices of the training set.</summary>
    public IReadOnlyList<int> Samples { get; }

    /// <summary>
    /// The first tensor, in the order of the layers, whose gradient or new value is not finite; null where the loss was not.
    /// </summary>
    public string? Parameter { get; }

    private static string List(int[] samples) => string.Join(", ", samples.Take(8)) + (samples.Length > 8 ? ", ..." : "");
}
