namespace RnnCodegen;

/// <summary>Passes each report on to several receivers, in their order, on the trainer's thread; e.g. a display and a log.</summary>
/// <param name="receivers">Who is told.</param>
public sealed class CombinedProgress(params IReadOnlyList<IProgress<TrainingProgress>> receivers) : IProgress<TrainingProgress>
{
    private readonly IProgress<TrainingProgress>[] _receivers = [.. receivers];

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        foreach (var receiver in _receivers)
        {
            receiver.Report(value);
        }
    }
}
