using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RnnCodegen.Runtime;
using RnnCodegen.Tool.Golden;
using RnnCodegen.Tool.Inspection;
using RnnCodegen.Tool.Models;
using RnnCodegen.Tool.Quantization;
using RnnCodegen.Tool.Verification;

namespace RnnCodegen.Tool.Commands;

/// <summary>Runs a model on recorded inputs and compares what it gives with the recorded outputs.</summary>
internal static class VerifyCommand
{
    public static ToolCommand Create()
    {
        var model = ModelOptions.Model();
        var golden = new Option<string>("--against")
        {
            Description = "The golden file: safetensors or npz with the input, the output and optionally lengths and states; " +
                "docs/tool.md has its form.",
            HelpName = "GOLDEN",
        };
        var weights = ModelOptions.Weights();
        var part = ModelOptions.Part();
        var order = ModelOptions.Order();
        var architecture = ModelOptions.Architecture();
        var assembly = new Option<string>("--assembly")
        {
            Description = "The built assembly with the class that the first argument then names.",
            HelpName = "DLL"
        };
        var absolute = Tolerance("--atol", "The absolute difference that always passes. A value passes that differs by no more than " +
            "atol + rtol |expected|; where neither is given, the golden file's tolerance, or 1e-5 for both.");
        absolute.Aliases.Add("--tolerance");
        var relative = Tolerance("--rtol", "What passes beyond atol, as a part of the expected value; 0 where only atol is given.");
        var file = new Option<string>("--report")
        {
            Description = "Write a page of Markdown: errors against the golden file, if there is one, and against double precision, the " +
                "time and the memory of a step, and the size.",
            HelpName = "FILE",
        };
        var force = new Option<bool>("--force") { Description = "Replace a report that exists." };
        var command = new Command("verify",
            "Run a model at all four vector widths, sequence by sequence and step by step, and compare with a golden file.")
        {
            model, golden, weights, assembly, part, order, architecture, absolute, relative, file, force,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(golden) is null && result.GetResult(file) is null)
            {
                result.AddError("verify needs --against GOLDEN, --report FILE, or both.");
            }
        });
        GoldenOptions.AddTo(command);
        GraphOptions.AddTo(command);
        return new ToolCommand(command, parsed => Run(
            () => ModelArgument.Open(parsed.GetRequiredValue(model), parsed.GetValue(weights), parsed.GetValue(assembly),
                parsed.GetValue(part), ModelOptions.OrderOf(parsed, order), Enum.GetValues<SimdWidth>(), GraphOptions.Of(parsed),
                parsed.GetValue(architecture)),
            parsed.GetValue(golden), GoldenOptions.Of(parsed), parsed.GetValue(absolute), parsed.GetValue(relative),
            parsed.GetValue(file), parsed.GetValue(force)));
    }

    private static Option<double?> Tolerance(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        CustomParser = result => ModelOptions.Number<double>(result, "a number"),
    };

    private static Report Run(
        Func<ModelArgument> open, string? golden, GoldenOptions options, double? absolute, double? relative, string? file, bool force)
    {
        RequireTolerance("--atol", absolute);
        RequireTolerance("--rtol", relative);
        if (golden is null && (!options.AreDefault || (absolute ?? relative) is not null))
        {
            throw new CommandException(ExitCode.Unusable, "Tolerances and a golden file's names go with --against GOLDEN.");
        }

        var input = open();
        if (file is not null)
        {
            FilePair.RequireFree(file, force, [.. input.Files, .. new[] { golden }.OfType<string>()]);
        }

        var report = new Report();
        report.Json["model"] = input.Name;
        double? difference = golden is null ? null : Compare(report, input, golden, options, absolute, relative);
        if (file is not null)
        {
            var model = input.Build();
            var trial = golden is null ? Trial.OfSeed(1, model.Definition) : Trial.OfGolden(golden, options, model.Definition);
            var quality = new QualityReport(model, input.RequireParameters(), trial, golden, difference);
            AtomicFile.Write(AtomicFile.RequireWritable(file), quality.ToMarkdown(input.Name));
            report.Add($"{file}: the report");
            report.Json["report"] = quality.ToJson(file);
        }

        return report;
    }

    /// <summary>Compares with a golden file; returns the largest difference.</summary>
    private static double Compare(
        Report report, ModelArgument input, string golden, GoldenOptions options, double? absolute, double? relative)
    {
        var (model, parameters) = (input.Build(), input.RequireParameters());
        var pair = GoldenPair.Parse(golden, GoldenData.Read(golden, options, model.Definition).File);
        var reports = Enum.GetValues<SimdWidth>()
            .Select(width => (Width: width, Report: pair.Compare(model.Create(width, parameters), absolute, relative))).ToList();
        var (atol, rtol) = (reports[0].Report.Tolerance, reports[0].Report.RelativeTolerance);
        var results = reports.SelectMany(r => r.Report.Results.Select(result => (r.Width, Result: result))).ToList();
        var largest = results.Max(r => r.Result.LargestDifference);
        var passed = reports.TrueForAll(r => r.Report.Passed);

        report.ExitCode = passed ? ExitCode.Done : ExitCode.Refused;
        report.Add(
            $"{input.Name}: {(passed ? "passed" : "FAILED")}, largest difference {Text(largest)}, allowed atol {Text(atol)} + rtol " +
            $"{Text(rtol)} |expected|, T = {pair.Steps}, B = {pair.Batch}");
        report.Add(Table.Lines(
            [["width", "call", "difference", "worst at", "expected", "got", "allowed"], .. results.Select(r => Row(r.Width, r.Result))],
            2, 4, 5, 6));
        if (!model.Definition.CanStream)
        {
            report.Add("  Step is not checked: the model needs whole sequences.");
        }

        report.Json["golden"] = golden;
        report.Json["passed"] = passed;
        report.Json["atol"] = atol;
        report.Json["rtol"] = rtol;
        report.Json["largestDifference"] = Report.Number(largest);
        report.Json["steps"] = pair.Steps;
        report.Json["batch"] = pair.Batch;
        report.Json["results"] = new JsonArray([.. results.Select(r => Node(r.Width, r.Result))]);
        return largest;
    }

    private static void RequireTolerance(string option, double? value)
    {
        if (value is not (null or (>= 0 and < double.PositiveInfinity)))
        {
            throw new CommandException(ExitCode.Unusable,
                $"{option} {value.Value.ToString(CultureInfo.InvariantCulture)} is not a number of 0 or more.");
        }
    }

    private static string[] Row(SimdWidth width, SelfTestResult result) =>
        [width.ToString(), result.Call, Text(result.LargestDifference), result.Place, Exact(result.Expected), Exact(result.Actual),
            Text(result.Allowed)];

    private static JsonNode Node(SimdWidth width, SelfTestResult result) => new JsonObject
    {
        ["width"] = width.ToString(),
        ["call"] = result.Call,
        ["difference"] = Report.Number(result.LargestDifference),
        ["tensor"] = result.Tensor,
        ["step"] = result.Step < 0 ? null : result.Step,
        ["sample"] = result.Sample,
        ["feature"] = result.Feature,
        ["expected"] = Report.Number(result.Expected),
        ["actual"] = Report.Number(result.Actual),
        ["allowed"] = result.Allowed,
    };

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Exact(float value) => value.ToString("G9", CultureInfo.InvariantCulture);
}
