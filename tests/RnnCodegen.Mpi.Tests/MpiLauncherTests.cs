using Xunit;

namespace RnnCodegen.Ranks.Tests;

public sealed class MpiLauncherTests
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=2 PMIX_RANK=2", "Open MPI", 4, 2)]
    [InlineData("PMI_SIZE=3 PMI_RANK=1", "MPICH", 3, 1)]
    [InlineData("PMI_SIZE=3 PMI_RANK=1 SLURM_STEP_NUM_TASKS=3", null, 3, 1)]
    [InlineData("SLURM_STEP_NUM_TASKS=5 SLURM_PROCID=4", null, 5, 4)]
    public void The_environment_says_which_mpirun_started_the_process(string environment, string? family, int size, int rank)
    {
        var launcher = MpiLauncher.Find(Variables(environment))!;
        Assert.Equal((family, size, rank), (launcher.Family, launcher.Size, launcher.Rank));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0")]
    [InlineData("SLURM_ARRAY_TASK_ID=3 SLURM_JOB_ID=7")]
    public void A_process_that_was_started_by_itself_has_no_launcher(string environment) =>
        Assert.Null(MpiLauncher.Find(Variables(environment)));

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=2", "Open MPI v4.1.4, package: Debian OpenMPI", true)]
    [InlineData("OMPI_COMM_WORLD_SIZE=2", "MPICH Version:\t4.0.2", false)]
    [InlineData("PMI_SIZE=2", "MPICH Version:\t4.0.2", true)]
    [InlineData("PMI_SIZE=2", "Intel(R) MPI Library 2021.10", true)]
    [InlineData("PMI_SIZE=2", "Open MPI v5.0.3", false)]
    [InlineData("PMI_SIZE=2 SLURM_STEP_NUM_TASKS=2", "Open MPI v5.0.3", true)]
    public void A_library_must_belong_to_the_launcher(string environment, string version, bool fits) =>
        Assert.Equal(fits, MpiLauncher.Find(Variables(environment))!.Fits(version));

    private static Func<string, string?> Variables(string text)
    {
        var pairs = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0],
            pair => pair[1]);
        return name => pairs.GetValueOrDefault(name);
    }
}
