using System.Globalization;

namespace RnnCodegen;

/// <summary>What started this process, by the environment it left: which MPI must serve it, and how many processes there are.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Family">A word of the version text of the MPI that it belongs to; null where any may serve.</param>
/// <param name="Size">Processes it says that it started.</param>
/// <param name="Rank">Which of them this one is.</param>
internal sealed record MpiLauncher(string Name, string? Family, int Size, int Rank)
{
    /// <summary>The launcher, or null where the process was started by itself.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    public static MpiLauncher? Find(Func<string, string?> variable)
    {
        if (Number("OMPI_COMM_WORLD_SIZE") is { } openMpi)
        {
            return new("Open MPI's mpirun", "Open MPI", openMpi, Number("OMPI_COMM_WORLD_RANK") ?? 0);
        }

        var isSlurm = Number("SLURM_STEP_NUM_TASKS") is not null;
        if (Number("PMI_SIZE") is { } pmi)
        {
            return isSlurm ? new("srun", null, pmi, Number("PMI_RANK") ?? 0) : new("MPICH's mpirun", "MPICH", pmi, Number("PMI_RANK") ?? 0);
        }

        // srun with PMIx or PMI-2 gives a size of its own; without any, MPI cannot find its peers, and the check of the size says so.
        return Number("SLURM_STEP_NUM_TASKS") is { } tasks and > 1 ? new("srun", null, tasks, Number("SLURM_PROCID") ?? 0) : null;

        int? Number(string name) => int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
    }

    /// <summary>Whether a library's version text is that of this launcher's MPI.</summary>
    public bool Fits(string version) => Family is null
        || version.Contains(Family, StringComparison.OrdinalIgnoreCase)
        || (Family == "MPICH"
            && (version.Contains("Intel", StringComparison.Ordinal) || version.Contains("MVAPICH", StringComparison.Ordinal)));
}
