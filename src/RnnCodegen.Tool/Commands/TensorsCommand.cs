using System.CommandLine;
using RnnCodegen.Interchange;
using RnnCodegen.Tool.Models;

namespace RnnCodegen.Tool.Commands;

/// <summary>Writes the tensors of a file, whether or not a model can be told of it.</summary>
internal static class TensorsCommand
{
    public static ToolCommand Create()
    {
        var file = new Argument<string>("FILE") { Description = "The file: a graph, refused or not, or a file of weights." };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The safetensors file to write.", HelpName = "FILE", Required = true,
        };
        var force = new Option<bool>("--force") { Description = "Replace a file that exists." };
        var command = new Command("tensors",
            "Write the tensors of a file as safetensors, as float32 and under their own names: also of a graph that is refused.")
        {
            file, output, force,
        };
        return new ToolCommand(command,
            parsed => Run(parsed.GetRequiredValue(file), parsed.GetRequiredValue(output), parsed.GetValue(force)));
    }

    private static Report Run(string path, string output, bool force)
    {
        FilePair.RequireFree(output, force, path);
        var file = ModelArgument.OpenFile(path, part: null, order: null);
        var tensors = FileFormat.TensorsOf(file);
        var written = tensors.Where(t => t.Values is not null).ToList();
        if (written.Count == 0)
        {
            throw new CommandException(ExitCode.Refused, file.Model is null
                ? $"'{path}' ({file.Format}): it has no tensors that can be read."
                : $"'{path}' ({file.Format}): it is read as a model; 'rnncodegen import' writes its weights.");
        }

        SafeTensorsFile.Write(output, [.. written.Select(t => new SafeTensor(t.Name, t.Shape, t.Values!))],
            new Dictionary<string, string>());
        var report = new Report();
        var left = tensors.Where(t => t.Values is null).ToList();
        report.Add(left.Select(t => $"note: '{t.Name}' is {t.DataType}, which is not read, and left out"));
        report.Add($"{output}: {written.Count} tensors of '{path}'");
        report.Json["file"] = path;
        report.Json["format"] = file.Format;
        report.Json["weightFile"] = output;
        report.Json["tensors"] = Report.Array(written.Select(t => t.Name));
        report.Json["leftOut"] = Report.Array(left.Select(t => t.Name));
        return report;
    }
}
