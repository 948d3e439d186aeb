namespace RnnCodegen;

/// <summary>
/// Where and how often training writes all it needs to go on. The file is replaced only once a new one is completely on the disk, so that a
/// process killed at any moment leaves a whole one. It is also written when training is cancelled and when it ends. One training at a time
/// may use a path: what a killed one left unfinished beside it is deleted.
/// </summary>
/// <param name="path">The file.</param>
public sealed class CheckpointOptions(string path)
{
    /// <summary>The file.</summary>
    public string Path { get; } = !string.IsNullOrEmpty(path) ? path : throw new ArgumentException("The path is empty.", nameof(path));

    /// <summary>Epochs from one write to the next; 1 by default, 0 for never.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int EveryEpochs
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(EveryEpochs), value, "Must be 0 or more.");
    } = 1;

    /// <summary>Updates of the parameters from one write to the next; 0, the default, for never.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int EveryUpdates
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(EveryUpdates), value, "Must be 0 or more.");
    }

    /// <summary>
    /// The normaliser of the sets that are trained on, which is stored with the weights: <see cref="Normalizer.Load"/> finds it in the
    /// checkpoint too. Null where there is none.
    /// </summary>
    public Normalizer? Normalizer { get; init; }
}
