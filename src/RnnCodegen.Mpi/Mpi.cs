namespace RnnCodegen;

/// <summary>
/// Starts the MPI that is installed on the machine, whichever it is: Open MPI, MPICH, or one with the standard ABI of MPI 5.
/// </summary>
public static class Mpi
{
    /// <summary>
    /// The environment variable that chooses: a library's name or path,
    /// e.g. <c>/opt/mpi/lib/libmpi.so.40</c>, or <c>none</c> to stay alone.
    /// </summary>
    public const string Variable = "RNNCODEGEN_MPI";

    private static int s_started;

    /// <summary>
    /// The processes that <c>mpirun</c> (or <c>srun</c>) started together with this one; or a world of this process alone where nothing
    /// started it, which loads no MPI and trains with the same bits as without a world. Call it once, and dispose the world at the end.
    /// </summary>
    /// <param name="reason">Why this process is alone; null where MPI was started.</param>
    /// <exception cref="MpiException">
    /// Several processes were started but no fitting MPI library can be loaded, or it does not find all of them: each would train alone.
    /// The message names the cure.
    /// </exception>
    /// <exception cref="InvalidOperationException">MPI was started before: it can be started once a process.</exception>
    public static MpiWorld TryStart(out string? reason)
    {
        var launcher = MpiLauncher.Find(Environment.GetEnvironmentVariable);
        var named = Environment.GetEnvironmentVariable(Variable);
        if (string.Equals(named, "none", StringComparison.OrdinalIgnoreCase))
        {
            reason = $"{Variable} is 'none'";
            return new MpiWorld(null);
        }

        if (launcher is null && string.IsNullOrEmpty(named))
        {
            reason = "no mpirun started this process";
            return new MpiWorld(null);
        }

        // What an MPI brings along takes over the signals that .NET makes exceptions of, when it is loaded or when it starts.
        using var handlers = SignalHandlers.Keep();
        var library = Choose(launcher, named, out var faults);
        if (library is null)
        {
            reason = faults;
            return launcher is { Size: 1 } && string.IsNullOrEmpty(named) ? new MpiWorld(null) : throw new MpiException(faults);
        }

        if (Interlocked.Exchange(ref s_started, 1) != 0)
        {
            throw new InvalidOperationException(
                "MPI was started before; it can be started once a process. Keep the first world, and dispose it at the end.");
        }

        reason = null;

        // MPICH's mpirun kills the ranks beside a dead one at once and names only its process.
        var world = new MpiWorld(library, announcesRanks: launcher?.Family == "MPICH");
        if (launcher is not null && launcher.Size != world.Size)
        {
            throw new MpiException(
                $"{launcher.Name} started {launcher.Size} processes, but {world.Library} sees {world.Size}: it is the library of another " +
                "MPI, or of a version that does not know this launcher. Start the program with that MPI's own mpirun, or name the right " +
                $"library in {Variable}.");
        }

        return world;
    }

    /// <summary>The library the user named, or the first of the families that is there and belongs to the launcher.</summary>
    private static MpiLibrary? Choose(MpiLauncher? launcher, string? named, out string faults)
    {
        if (!string.IsNullOrEmpty(named))
        {
            var library = MpiLibrary.TryLoad(named, null, out var fault);
            faults = library is null ? $"{Variable} names '{named}', which cannot be loaded as an MPI library: {fault}" : "";
            return library;
        }

        var others = new List<string>();
        MpiAbi[] families = [MpiAbi.Standard, MpiAbi.OpenMpi, MpiAbi.Mpich];
        foreach (var family in families)
        {
            foreach (var name in family.Libraries)
            {
                if (MpiLibrary.TryLoad(name, family, out _) is not { } library)
                {
                    continue;
                }

                if (launcher!.Fits(library.Version))
                {
                    faults = "";
                    return library;
                }

                others.Add($"{name} ({library.Version})");
            }
        }

        var wanted = launcher!.Family is null
            ? families
            : [.. families.Where(family => family == MpiAbi.Standard || family.Name == launcher.Family)];
        faults = $"{launcher.Name} started {launcher.Size} process{(launcher.Size == 1 ? "" : "es")} (this is rank {launcher.Rank}), but " +
            $"none of its MPI libraries can be loaded: {string.Join(", ", wanted.SelectMany(family => family.Libraries))}. " +
            (others.Count == 0 ? "" : $"There is {string.Join(" and ", others)}, which cannot talk to it. ") +
            $"Install {wanted[^1].Package}, put its folder into LD_LIBRARY_PATH, or name the file in {Variable}.";
        return null;
    }
}
