namespace RnnCodegen;

/// <summary>The largest sizes of the batches that memory is made for.</summary>
/// <param name="Steps">Time steps of the longest portion.</param>
/// <param name="Labels">Labels of the sample that has most.</param>
/// <param name="Count">Samples.</param>
internal readonly record struct BatchSizes(int Steps, int Labels, int Count)
{
    /// <summary>Room for the batches of a plan, and of another one.</summary>
    public static BatchSizes Of(BatchPlan plan, BatchPlan? other = null) => new(
        Math.Max(plan.MaxSteps, other?.MaxSteps ?? 0), Math.Max(plan.MaxLabels, other?.MaxLabels ?? 0),
        Math.Max(plan.MaxCount, other?.MaxCount ?? 0));
}
