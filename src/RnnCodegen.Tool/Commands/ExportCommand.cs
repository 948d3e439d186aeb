using System.CommandLine;
using RnnCodegen.Interchange;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Tool.Models;

namespace RnnCodegen.Tool.Commands;

/// <summary>Writes a model in other frameworks' formats.</summary>
internal static class ExportCommand
{
    public static ToolCommand Create()
    {
        var model = ModelOptions.Model();
        var weights = ModelOptions.Weights();
        var part = ModelOptions.Part();
        var order = ModelOptions.Order();
        var force = new Option<bool>("--force") { Description = "Replace files that exist." };
        var stateless = new Option<bool>("--stateless")
        {
            Description = "The ONNX file starts each call from zeros; without this, the states of a model that streams are inputs and " +
                "outputs.",
        };
        var targets = ExportTarget.All
            .Select(t => (Target: t, Option: new Option<string>(t.Option) { Description = t.Description, HelpName = "FILE" })).ToList();
        var command = new Command("export",
            "Write a model for other frameworks: one file, or one for each of several.") { model, weights, part, order, stateless, force };
        foreach (var (_, option) in targets)
        {
            command.Add(option);
        }

        return new ToolCommand(command, parsed =>
        {
            var wanted = targets.Where(t => parsed.GetValue(t.Option) is not null).Select(t => (t.Target, Path: parsed.GetValue(t.Option)!))
                .ToList();
            if (wanted.Count == 0)
            {
                throw new CommandException(ExitCode.Unusable,
                    $"say what to write: {string.Join(", ", ExportTarget.All.Select(t => $"{t.Option} FILE"))}.");
            }

            if (parsed.GetValue(stateless) && wanted.TrueForAll(w => w.Target.Option != "--onnx"))
            {
                throw new CommandException(ExitCode.Unusable, "--stateless goes with --onnx: no other format has states of a call.");
            }

            var input = ModelArgument.Open(parsed.GetRequiredValue(model), parsed.GetValue(weights), part: parsed.GetValue(part),
                order: ModelOptions.OrderOf(parsed, order));
            return Run(input, wanted, parsed.GetValue(stateless), parsed.GetValue(force));
        });
    }

    private static Report Run(ModelArgument input, List<(ExportTarget Target, string Path)> wanted, bool isStateless, bool force)
    {
        foreach (var (target, path) in wanted)
        {
            if (wanted.FirstOrDefault(w => w.Target != target && Path.GetFullPath(w.Path) == Path.GetFullPath(path)).Target is { } other)
            {
                throw new CommandException(ExitCode.Unusable,
                    $"{target.Option} and {other.Option} name one file, '{path}'; give each its own.");
            }

            FilePair.RequireFree(path, force, input.Files);
        }

        // A class without weights is refused here; a described model has its own.
        if (input.Built is not null)
        {
            _ = input.RequireParameters();
        }

        var report = new Report();
        report.Json["model"] = input.Name;
        foreach (var (index, (target, path)) in wanted.Index())
        {
            var written = index == 0 ? "" : $" Written before it: {string.Join(", ", wanted.Take(index).Select(w => $"'{w.Path}'"))}.";
            IReadOnlyList<string> notes;
            try
            {
                notes = target.Write(input.Description, path, isStateless);
            }
            catch (ArgumentException e)
            {
                throw new CommandException(ExitCode.Unusable, $"'{path}' ({target.Name}): {ToolCommands.WithoutParameter(e)}{written}");
            }
            catch (NotSupportedException e)
            {
                throw new CommandException(ExitCode.Refused, $"'{path}' ({target.Name}): {e.Message}{written}");
            }
            catch (Exception e) when (written.Length > 0 && e is (IOException or UnauthorizedAccessException))
            {
                throw new CommandException(ExitCode.Unusable, e.Message + written);
            }

            if (input.Description.Normalizer.Count > 0 && !HasMetadata(path))
            {
                notes =
                [
                    .. notes,
                    "The normaliser of the weights' file is not in it, as this format has no place for one: scale rows before the model " +
                    "runs, and outputs back after it, by the numbers that Normalizer.Load finds.",
                ];
            }

            report.Add($"{path}: {target.Name}");
            report.Add(notes.Select(n => $"note: {n}"));
            report.Json[target.Option.TrimStart('-')] = new System.Text.Json.Nodes.JsonObject
            {
                ["file"] = path,
                ["notes"] = Report.Array(notes)
            };
        }

        return report;
    }

    /// <summary>Whether a file is one of weights with metadata, in which a normaliser is kept.</summary>
    private static bool HasMetadata(string path) => Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A row of the table of formats that are written.</summary>
/// <param name="Option">Its option.</param>
/// <param name="Name">Its name for a person.</param>
/// <param name="Description">What the option says of itself.</param>
/// <param name="Write">Writes a file, of ONNX without states where it is so wished, and returns what its reader should know.</param>
internal sealed record ExportTarget(string Option, string Name, string Description,
    Func<ModelDescription, string, bool, IReadOnlyList<string>> Write)
{
    public static IReadOnlyList<ExportTarget> All { get; } =
    [
        new("--onnx", "ONNX", "The ONNX file to write; input and output are [T, B, ...].",
            (model, path, isStateless) => OnnxExporter.Write(model, path, new OnnxExportOptions { States = isStateless ? false : null })),
        new("--pytorch", "PyTorch state dict", "The state dict to write, .pt, .pth or .safetensors.",
            (model, path, _) => WritePyTorch(model, path)),
        new("--keras", "Keras archive", "The .keras file to write; input and output are [B, T, ...].",
            (model, path, _) => WriteKeras(model, path)),
    ];

    private static string[] WriteKeras(ModelDescription model, string path)
    {
        KerasExporter.Export(path, model);
        return [];
    }

    private static string[] WritePyTorch(ModelDescription model, string path)
    {
        PyTorchExporter.Export(path, model);
        return ["A state dict holds weights only: activations, and how layers are joined, are the module's forward."];
    }
}
