using System.Globalization;

namespace RnnCodegen;

/// <summary>Which of a sweep's tasks this process does, and on how many threads: task i is worker i modulo Count's.</summary>
/// <param name="Index">Number of this worker, from 0 to <paramref name="Count"/> - 1.</param>
/// <param name="Count">Workers that share the sweep.</param>
/// <param name="Threads">Tasks that this worker does at the same time.</param>
public readonly record struct SweepWorker(int Index, int Count, int Threads)
{
    /// <summary>All tasks, on threads of this machine.</summary>
    /// <param name="threads">Tasks at the same time; one per processor where 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static SweepWorker OnThreads(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        return new(0, 1, threads == 0 ? Environment.ProcessorCount : threads);
    }

    /// <summary>The tasks of one rank of a group; the ranks do not wait for each other.</summary>
    /// <param name="group">The ranks, e.g. what mpirun started.</param>
    /// <param name="threads">Tasks at the same time on each rank.</param>
    public static SweepWorker OnRank(IProcessGroup group, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        return new(group.Rank, group.Size, threads);
    }

    /// <summary>
    /// The tasks of one job of an array, which Slurm (<c>SLURM_ARRAY_TASK_ID</c>) or Kubernetes (<c>JOB_COMPLETION_INDEX</c>) tells by
    /// environment variables; null where this process is not of one.
    /// </summary>
    /// <param name="count">Jobs of the array; needed with Kubernetes, which does not tell (the <c>completions</c> of the job).</param>
    /// <param name="threads">Tasks at the same time in each job.</param>
    /// <exception cref="ArgumentException">The variables and the count contradict each other; the message says how.</exception>
    public static SweepWorker? OnJobArray(int? count = null, int threads = 1) =>
        OnJobArray(Environment.GetEnvironmentVariable, count, threads);

    internal static SweepWorker? OnJobArray(Func<string, string?> variable, int? count, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        var index = Number("SLURM_ARRAY_TASK_ID");
        if (index is { } task)
        {
            var (first, last) = (Number("SLURM_ARRAY_TASK_MIN") ?? 0, Number("SLURM_ARRAY_TASK_MAX"));
            var step = Math.Max(1, Number("SLURM_ARRAY_TASK_STEP") ?? 1);
            var jobs = Number("SLURM_ARRAY_TASK_COUNT");
            if (jobs is { } given && last is { } end && given != ((end - first) / step) + 1)
            {
                throw new ArgumentException(
                    $"The Slurm array has {given} tasks from {first} to {end}, with gaps; give it whole, e.g. --array=0-{given - 1}: a " +
                    "job finds its part by its number.",
                    nameof(count));
            }

            return Of((task - first) / step, count ?? jobs, "SLURM_ARRAY_TASK_COUNT");
        }

        return Number("JOB_COMPLETION_INDEX") is { } completion ? Of(completion, count, "the job's completions") : null;

        int? Number(string name) => int.TryParse(variable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

        SweepWorker Of(int job, int? jobs, string what) => jobs is { } all && job >= 0 && job < all
            ? new(job, all, threads)
            : throw new ArgumentException(
                $"This is job {job} of an array of {jobs?.ToString(CultureInfo.InvariantCulture) ?? "unknown size"}: pass the number of " +
                $"jobs, {what}.", nameof(count));
    }
}
