using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using System.Text.Json.Nodes;
using RnnCodegen.Tool.Compilation;

namespace RnnCodegen.Tool.Commands;

/// <summary>The command line: the table of commands, and what all of them do alike.</summary>
internal static class ToolCommands
{
    private const string Description =
        "Recurrent models of other frameworks as annotated C# classes: look into them, import them, check what they compute, and write " +
        "them back.\n\nExit codes: 0 done; 1 the model is refused, or outputs differ by more than the tolerance; 2 the command line is " +
        "wrong, or a file cannot be read or written.";

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
        Add(root, TensorsCommand.Create());
        Add(root, CurvesCommand.Create());

        // A file may be called @x: no argument is replaced by what a file says.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            var name = parsed.CommandResult.Command is RootCommand ? "" : $" {parsed.CommandResult.Command.Name}";
            WriteErrors(error, [.. parsed.Errors.Select(e => e.Message), $"'rnncodegen{name} --help' shows what can be said."]);
            return (int)ExitCode.Unusable;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What a command meets is reported by it; this is its output itself.
            WriteErrors(error, [$"the output cannot be written: {(e.InnerException ?? e).Message}"]);
            return (int)ExitCode.Unusable;
        }
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
                RequireValues(parsed);
                report = tool.Run(parsed);
            }
            catch (Exception e)
            {
                var reasons = Reasons(e);
                report = new Report { ExitCode = CodeOf(e) };
                report.Json["error"] = string.Join("\n", reasons);
                WriteErrors(error, reasons);
            }

            report.Json.Insert(0, "command", JsonValue.Create(tool.Command.Name));
            report.Json.Insert(1, "exitCode", JsonValue.Create((int)report.ExitCode));
            report.Print(output, asJson);
            return (int)report.ExitCode;
        });
        root.Add(tool.Command);
    }

    /// <summary>Refuses arguments without a character: what a script gives for a variable that it forgot to set.</summary>
    private static void RequireValues(ParseResult parsed)
    {
        foreach (var result in parsed.CommandResult.Children.Where(r => r.Tokens.Any(t => t.Value.Length == 0)))
        {
            var name = result is OptionResult option ? option.Option.Name : ((ArgumentResult)result).Argument.Name;
            throw new CommandException(ExitCode.Unusable, $"{name} is empty.");
        }
    }

    /// <summary>
    /// One line for each reason, whatever the names in it are made of. Where nobody can be told, the exit code is left to say it.
    /// </summary>
    private static void WriteErrors(TextWriter error, IEnumerable<string> reasons)
    {
        try
        {
            foreach (var reason in reasons)
            {
                error.WriteLine($"rnncodegen: {VisibleText.Of(reason.Trim())}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Standard error is closed, or on a full disk.
        }
    }

    /// <summary>The message of an argument's error without the parameter, which is none of the user's.</summary>
    public static string WithoutParameter(ArgumentException e) => e.Message.Replace($" (Parameter '{e.ParamName}')", "");

    /// <summary>Why a command ended, a reason a line; also of a defect of this program, whose user is spared the stack.</summary>
    public static IReadOnlyList<string> Reasons(Exception e) => e switch
    {
        ModelCompilationException several => [.. several.Errors.Select(r => r.ToString())],
        CommandException or NotSupportedException or IOException or InvalidDataException or UnauthorizedAccessException => [e.Message],
        OutOfMemoryException => ["there is not enough memory for this model or file."],
        TypeInitializationException or TargetInvocationException when e.InnerException is { } inner =>
            [$"the class's own code failed while it was loaded: {inner.GetType().Name}: {inner.Message}"],
        TypeLoadException or MissingMemberException =>
            ["the class was built with another version of RnnCodegen " +
                $"than {typeof(RnnModelAttribute).Assembly.GetName().Version?.ToString(3)}: {e.Message}"],
        _ => [$"this is a defect of rnncodegen, please report it: {e.GetType().Name}: {e.Message}"],
    };

    private static ExitCode CodeOf(Exception e) => e switch
    {
        CommandException command => command.ExitCode,
        NotSupportedException or ModelCompilationException => ExitCode.Refused,
        _ => ExitCode.Unusable,
    };
}

/// <summary>A command and what it does.</summary>
/// <param name="Command">Name, arguments and options.</param>
/// <param name="Run">Does it.</param>
internal sealed record ToolCommand(Command Command, Func<ParseResult, Report> Run);
