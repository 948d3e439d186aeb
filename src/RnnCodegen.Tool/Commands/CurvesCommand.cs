using System.CommandLine;
using System.Text.Json.Nodes;
using RnnCodegen.Tool.Drawing;
using RnnCodegen.Tool.Models;

namespace RnnCodegen.Tool.Commands;

/// <summary>Draws the curves of a training from its log.</summary>
internal static class CurvesCommand
{
    public static ToolCommand Create()
    {
        var log = new Argument<string>("LOG") { Description = "The log that a TrainingLog wrote: comma-separated values, or JSON lines." };
        var svg = SvgOption.Create(isRequired: true);
        var force = SvgOption.Force();
        var command = new Command(
            "curves", "Draw a training's losses, metrics, gradient norm and learning rate from its log, also while it goes on.")
        {
            log, svg, force,
        };
        return new ToolCommand(command,
            parsed => Run(parsed.GetRequiredValue(log), parsed.GetRequiredValue(svg), parsed.GetValue(force)));
    }

    private static Report Run(string path, string svg, bool force)
    {
        FilePair.RequireFree(svg, force, path);
        var log = LogFile.Read(path);
        AtomicFile.Write(svg, CurveChart.Draw(log, Path.GetFileName(path)));
        var report = new Report();
        var updates = log[LogFile.Update];
        report.Add($"{svg}: {updates.Length} lines of '{path}', updates {updates[0]} to {updates[^1]}");
        report.Json["log"] = path;
        report.Json["svg"] = svg;
        report.Json["lines"] = updates.Length;
        report.Json["curves"] = new JsonObject(
            new[] { LogFile.Loss, LogFile.ValidationLoss }.Concat(log.Metrics).Concat([LogFile.GradientNorm, LogFile.LearningRate])
                .Where(name => log[name].Any(double.IsFinite))
                .Select(name => KeyValuePair.Create(name, Report.Number(log[name].Last(double.IsFinite)))));
        return report;
    }
}

/// <summary>The options of commands that draw.</summary>
internal static class SvgOption
{
    public static Option<string> Create(bool isRequired) => new("--svg")
    {
        Description = "The SVG file to write, legible on light and dark pages.", HelpName = "FILE", Required = isRequired,
    };

    public static Option<bool> Force() => new("--force") { Description = "Replace a file that exists." };
}
