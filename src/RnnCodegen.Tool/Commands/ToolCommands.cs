using System.CommandLine;
using System.Text.Json.Nodes;
using RnnCodegen.Tool.Compilation;

namespace RnnCodegen.Tool.Commands;

/// <summary>The command line: the table of commands, and what all of them do alike.</summary>
internal static class ToolCommands
{
    private const string Description =
        "Recurrent models of other frameworks as annotated C# classes: look into them, import them, check what they compute, and write them back.\n\n" +
        "Exit codes: 0 done; 1 the model is refused, or outputs differ by more than the tolerance; 2 the command line is wrong, or a file cannot be read or written.";

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="output">Receives results.</param>
    /// <param name="error">Receives errors, a line each.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var root = new RootCommand(Description);
        Add(root, InspectCommand.Create());
        Add(root, ImportCommand.Create());
        Add(root, VerifyCommand.Create());
        Add(root, ExportCommand.Create());
        Add(root, QuantizeCommand.Create());
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
            {
                error.WriteLine($"rnncodegen: {problem.Message}");
            }

            var name = parsed.CommandResult.Command is RootCommand ? "" : $" {parsed.CommandResult.Command.Name}";
            error.WriteLine($"rnncodegen: 'rnncodegen{name} --help' shows what can be said.");
            return (int)ExitCode.Unusable;
        }

        return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
    }

    private static void Add(RootCommand root, ToolCommand tool)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of text; docs/tool.md lists its fields." };
        tool.Command.Add(json);
        tool.Command.SetAction(parsed =>
        {
            var asJson = parsed.GetValue(json);
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            Report report;
            try
            {
                report = tool.Run(parsed);
            }
            catch (Exception e)
            {
                var (exitCode, message) = Explain(e);
                report = new Report { ExitCode = exitCode };
                report.Json["error"] = message;
                foreach (var line in message.Split('\n'))
                {
                    error.WriteLine($"rnncodegen: {line}");
                }
            }

            report.Json.Insert(0, "command", JsonValue.Create(tool.Command.Name));
            report.Json.Insert(1, "exitCode", JsonValue.Create((int)report.ExitCode));
            report.Print(output, asJson);
            return (int)report.ExitCode;
        });
        root.Add(tool.Command);
    }

    /// <summary>The exit code and the message of an error; also of one that is a defect of this program, whose user is spared the stack.</summary>
    private static (ExitCode ExitCode, string Message) Explain(Exception e) => e switch
    {
        CommandException command => (command.ExitCode, e.Message),
        NotSupportedException or ModelCompilationException => (ExitCode.Refused, e.Message),
        IOException or InvalidDataException or UnauthorizedAccessException => (ExitCode.Unusable, e.Message),
        _ => (ExitCode.Unusable, $"this is a defect of rnncodegen, please report it: {e.GetType().Name}: {e.Message}"),
    };
}

/// <summary>A command and what it does.</summary>
/// <param name="Command">Name, arguments and options.</param>
/// <param name="Run">Does it.</param>
internal sealed record ToolCommand(Command Command, Func<ParseResult, Report> Run);
