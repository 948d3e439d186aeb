using Xunit;

namespace RnnCodegen.Ranks.Tests;

/// <summary>A test that needs an MPI's mpirun; skipped with the reason where there is none.</summary>
public sealed class MpirunTheoryAttribute : TheoryAttribute
{
    /// <param name="unshare">The option of unshare for a namespace that the test needs, or empty.</param>
    /// <param name="needsCompiler">Whether the test needs a C compiler.</param>
    public MpirunTheoryAttribute(string unshare = "", bool needsCompiler = false)
    {
        if (needsCompiler && Launcher.Start("sh", ["-c", "command -v cc"]).ExitCode != 0)
        {
            Skip = "There is no C compiler, cc.";
        }

        if (unshare.Length > 0 && Launcher.Start("sh", ["-c", $"unshare {unshare} true && command -v ip"]) is { ExitCode: not 0 } failed)
        {
            Skip = $"No namespace can be made here (unshare {unshare}): {failed.Output.Trim()}";
        }

        string[] missing = [.. new[] { "openmpi", "mpich" }.Where(family => Launcher.Find(family) is null)];
        if (missing.Length > 0)
        {
            Skip = $"There is no mpirun of {string.Join(" and ", missing)}; install openmpi-bin and mpich.";
        }
    }
}
