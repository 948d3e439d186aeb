using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RnnCodegen.Runtime;
using RnnCodegen.Tool.Golden;
using RnnCodegen.Tool.Inspection;
using RnnCodegen.Tool.Models;

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
            HelpName = "GOLDEN", Required = true,
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
        var command = new Command("verify",
            "Run a model at all four vector widths, sequence by sequence and step by step, and compare with a golden file.")
        {
            model, golden, weights, assembly, part, order, architecture, absolute, relative,
        };
        GoldenOptions.AddTo(command);
        GraphOptions.AddTo(command);
        return new ToolCommand(command, parsed => Run(
            () => ModelArgument.Open(parsed.GetRequiredValue(model), parsed.GetValue(weights), parsed.GetValue(assembly),
                parsed.GetValue(part), ModelOptions.OrderOf(parsed, order), Enum.GetValues<SimdWidth>(), GraphOptions.Of(parsed),
                parsed.GetValue(architecture)),
            parsed.GetRequiredValue(golden), GoldenOptions.Of(parsed), parsed.GetValue(absolute), parsed.GetValue(relative)));
    }

    private static Option<double?> Tolerance(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        CustomParser = result => ModelOptions.Number<double>(result, "a number"),
    };

    private static Report Run(Func<ModelArgument> open, string golden, GoldenOptions options, double? absolute, double? relative)
    {
        RequireTolerance("--atol", absolute);
        RequireTolerance("--rtol", relative);
        var input = open();
        var (model, parameters) = (input.Build(), input.RequireParameters());
        var pair = GoldenPair.Parse(golden, GoldenData.Read(golden, options, model.Definition).File);
        var reports = Enum.GetValues<SimdWidth>()
            .Select(width => (Width: width, Report: pair.Compare(model.Create(width, parameters), absolute, relative))).ToList();
        var (atol, rtol) = (reports[0].Report.Tolerance, reports[0].Report.RelativeTolerance);
        var results = reports.SelectMany(r => r.Report.Results.Select(result => (r.Width, Result: result))).ToList();
        var largest = results.Max(r => r.Result.LargestDifference);
        var passed = reports.TrueForAll(r => r.Report.Passed);

        var report = new Report { ExitCode = passed ? ExitCode.Done : ExitCode.Refused };
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

        report.Json["model"] = input.Name;
        report.Json["golden"] = golden;
        report.Json["passed"] = passed;
        report.Json["atol"] = atol;
        report.Json["rtol"] = rtol;
        report.Json["largestDifference"] = Report.Number(largest);
        report.Json["steps"] = pair.Steps;
        report.Json["batch"] = pair.Batch;
        report.Json["results"] = new JsonArray([.. results.Select(r => Node(r.Width, r.Result))]);
        return report;
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
