namespace RnnCodegen.Tool.Commands;

/// <summary>Ends a command with a line that says file, layer, cause and cure.</summary>
internal sealed class CommandException(ExitCode exitCode, string message) : Exception(message)
{
    /// <summary>The exit code of the process.</summary>
    public ExitCode ExitCode { get; } = exitCode;
}
