using System.Diagnostics;

namespace RnnCodegen.Ranks.Tests;

/// <summary>Starts this project's program under an MPI's mpirun. Whatever happens, it ends after a while.</summary>
internal static class Launcher
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>The launcher of a family, under the name that Debian gives it where both are installed; null where there is none.</summary>
    public static string? Find(string family)
    {
        string[] names = family == "openmpi" ? ["mpirun.openmpi", "mpirun"] : ["mpirun.mpich", "mpirun.hydra", "mpirun"];
        foreach (var name in names)
        {
            var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name))
                .FirstOrDefault(File.Exists);
            if (path is not null && (name != "mpirun" || Is(family, path)))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>Runs ranks of the program, and returns the exit code and all that they and mpirun wrote.</summary>
    public static (int ExitCode, string Output) Run(string family, int ranks, params string[] arguments) => Start(
        Find(family)!, [.. Flags(family), "-n", $"{ranks}", .. Program(arguments)]);

    /// <summary>The command of this project's program.</summary>
    public static string[] Program(params string[] arguments) =>
        [Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            typeof(Launcher).Assembly.Location, .. arguments];

    /// <summary>Runs a command with a limit of time, after which it and all its children are killed.</summary>
    public static (int ExitCode, string Output) Start(string command, IEnumerable<string> arguments,
        params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(command,
            arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        // A test host's own diagnostics do not belong into the ranks, and more ranks than cores must not fight for them.
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["DOTNET_gcServer"] = "0";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new List<string>();
        process.OutputDataReceived += Add;
        process.ErrorDataReceived += Add;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return (-1, $"NOT ENDED AFTER {Limit}\n{Text()}");
        }

        process.WaitForExit();
        return (process.ExitCode, Text());

        void Add(object sender, DataReceivedEventArgs e)
        {
            lock (output)
            {
                output.Add(e.Data ?? "");
            }
        }

        string Text()
        {
            lock (output)
            {
                return string.Join('\n', output);
            }
        }
    }

    public static string[] Flags(string family) => family == "openmpi" ? ["--allow-run-as-root", "--oversubscribe"] : [];

    private static bool Is(string family, string path)
    {
        var version = Start(path, ["--version"]).Output;
        return family == "openmpi"
            ? version.Contains("Open MPI", StringComparison.Ordinal)
            : version.Contains("HYDRA", StringComparison.OrdinalIgnoreCase);
    }
}
