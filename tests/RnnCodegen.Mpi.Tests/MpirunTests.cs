using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Ranks.Tests;

/// <summary>Programs of several processes under the mpirun of Open MPI and of MPICH.</summary>
public sealed class MpirunTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpirunTheory]
    [InlineData("openmpi", 1)]
    [InlineData("openmpi", 2)]
    [InlineData("openmpi", 4)]
    [InlineData("mpich", 1)]
    [InlineData("mpich", 2)]
    [InlineData("mpich", 4)]
    public void Processes_find_the_losses_of_the_joined_batch(string family, int ranks)
    {
        var file = _folder.File("outcomes");
        var (exit, output) = Launcher.Run(family, ranks, "train", file);
        Assert.True(exit == 0, output);
        var lines = File.ReadAllLines(file);
        Assert.Contains(family == "openmpi" ? "Open MPI" : "MPICH", lines[0], StringComparison.Ordinal);
        RequireOutcomes(lines, ranks);
    }

    [MpirunTheory]
    [InlineData("openmpi", "kill")]
    [InlineData("openmpi", "throw")]
    [InlineData("openmpi", "leave")]
    [InlineData("mpich", "kill")]
    [InlineData("mpich", "throw")]
    [InlineData("mpich", "leave")]
    public void A_rank_that_dies_ends_the_others_is_named_and_leaves_a_checkpoint(string family, string how)
    {
        var checkpoint = _folder.File("dying.checkpoint");
        var (exit, output) = Launcher.Run(family, 2, "die", how, checkpoint);
        Assert.True(exit is not (0 or -1), output);
        Assert.Contains("rank 1", output, StringComparison.Ordinal);
        if (family == "mpich" && how == "kill")
        {
            // MPICH's mpirun names the process, and rank 0 has said at the start which rank it is.
            var process = output.Split("PID ", 2)[1].Split(' ')[0];
            Assert.Contains($"rank 1 (process {process} on", output, StringComparison.Ordinal);
        }

        var model = new Regressor(seed: 1);
        var done = TrainingCheckpoint.Read(checkpoint);
        Assert.True(done.Update > 0);
        var trainer = DyingTask.Create(null, checkpoint);
        Assert.True(trainer.Resume(checkpoint, DyingTask.Data, null, done.Epoch + 1).Updates > done.Update);
    }

    [MpirunTheory]
    [InlineData("openmpi")]
    [InlineData("mpich")]
    public void A_library_that_cannot_be_loaded_is_a_message_and_not_two_trainings(string family)
    {
        var (exit, output) = Launcher.Start(
            Launcher.Find(family)!, [.. Launcher.Flags(family), "-n", "2", .. Launcher.Program("say")],
            (Mpi.Variable, "/nowhere/libmpi.so"));
        Assert.True(exit is not (0 or -1), output);
        Assert.Contains("RNNCODEGEN_MPI names '/nowhere/libmpi.so'", output, StringComparison.Ordinal);
        Assert.DoesNotContain("rank 0 of 1", output, StringComparison.Ordinal);
    }

    [MpirunTheory]
    [InlineData("openmpi", "libmpich.so.12")]
    [InlineData("mpich", "libmpi.so.40")]
    public void The_library_of_another_MPI_is_refused(string family, string other)
    {
        var (exit, output) = Launcher.Start(
            Launcher.Find(family)!, [.. Launcher.Flags(family), "-n", "2", .. Launcher.Program("say")], (Mpi.Variable, other));
        Assert.True(exit is not (0 or -1), output);
        Assert.Contains("started 2 processes", output, StringComparison.Ordinal);
    }

    [MpirunTheory("-n")]
    [InlineData("openmpi")]
    public void Two_hosts_that_only_have_a_network_train_together(string family)
    {
        var file = _folder.File("outcomes");
        var (exit, output) = Launcher.Start(
            "sh", [Path.Combine(AppContext.BaseDirectory, "two-hosts.sh"), .. Launcher.Program("train", file)]);
        Assert.True(exit == 0, $"{family}: {output}");
        RequireOutcomes(File.ReadAllLines(file), ranks: 2);
    }

    [MpirunTheory("-m")]
    [InlineData("openmpi", "libmpi.so.40")]
    [InlineData("mpich", "libmpich.so.12")]
    public void A_launcher_without_its_library_gets_a_message_that_names_the_cure(string family, string library)
    {
        // In a mount namespace of its own the library's file is empty.
        var command = $"mount --bind /dev/null \"$(readlink -f \"$(ldconfig -p | sed -n 's|.*=> \\(.*/{library}\\)$|\\1|p' | head -n " +
            "1)\")\" && \"$0\" \"$@\"";
        var (exit, output) = Launcher.Start(
            Launcher.Find(family)!,
            [.. Launcher.Flags(family), "-n", "2", "unshare", "-m", "sh", "-c", command, .. Launcher.Program("say")]);
        Assert.True(exit is not (0 or -1), output);
        Assert.Contains($"started 2 processes (this is rank ", output, StringComparison.Ordinal);
        Assert.Contains(library, output, StringComparison.Ordinal);
        Assert.Contains("Install ", output, StringComparison.Ordinal);
    }

    [MpirunTheory(needsCompiler: true)]
    [InlineData("mpich")]
    public void A_library_with_the_standard_ABI_comes_first(string family)
    {
        var (built, message) = Launcher.Start(
            "cc", ["-shared", "-fPIC", "-o", _folder.File("libmpi_abi.so.0"), Path.Combine(AppContext.BaseDirectory, "mpi_abi.c")]);
        Assert.True(built == 0, message);
        var file = _folder.File("outcomes");
        var (exit, output) = Launcher.Start(
            Launcher.Find(family)!, [.. Launcher.Flags(family), "-n", "2", .. Launcher.Program("train", file)],
            ("LD_LIBRARY_PATH", _folder.Path));
        Assert.True(exit == 0, output);
        var lines = File.ReadAllLines(file);
        Assert.EndsWith("the standard ABI of MPI 5", lines[0], StringComparison.Ordinal);
        RequireOutcomes(lines, ranks: 2);
    }

    private static void RequireOutcomes(string[] lines, int ranks)
    {
        Assert.Equal(2 * RankTask.All.Count, lines.Length - 1);
        foreach (var line in lines[1..])
        {
            var (name, mode, found) = (line.Split('/')[0], line.Split('/')[1], Outcome.Parse(line.Split('/', 3)[2]));
            var (isEven, train) = RankTask.All[name];
            RankTests.RequireNear(train(new Way()), found, 1e-6);
            if (ranks == 1 || (mode == "repeatable" && isEven))
            {
                var expected = train(new Way(Threads: ranks));
                Assert.Equal(expected.Losses, found.Losses);
                Assert.Equal(expected.Bits, found.Bits);
            }
        }
    }
}
