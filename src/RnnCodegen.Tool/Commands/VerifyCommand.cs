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
            Description = "The golden file: safetensors with the input, the output and optionally lengths and states; docs/tool.md " +
                "has its form.",
            HelpName = "GOLDEN", Required = true,
        };
        var weights = ModelOptions.Weights();
        var part = ModelOptions.Part();
        var order = ModelOptions.Order();
        var assembly = new Option<string>("--assembly")
        {
            Description = "The built assembly with the class that the first argument then names.",
            HelpName = "DLL"
        };
        var tolerance = new Option<double?>("--tolerance")
        {
            Description = "The largest absolute difference that passes; where not given, what the golden file says, or 1e-5.",
            HelpName = "NUMBER",
            CustomParser = result => ModelOptions.Number<double>(result, "a number"),
        };
        var command = new Command("verify",
            "Run a model at all four vector widths, sequence by sequence and step by step, and compare with a golden file.")
        {
            model, golden, weights, assembly, part, order, tolerance,
        };
        GoldenOptions.AddTo(command);
        GraphOptions.AddTo(command);
        return new ToolCommand(command, parsed => Run(
            () => ModelArgument.Open(parsed.GetRequiredValue(model), parsed.GetValue(weights), parsed.GetValue(assembly),
                parsed.GetValue(part), ModelOptions.OrderOf(parsed, order), Enum.GetValues<SimdWidth>(), GraphOptions.Of(parsed)),
            parsed.GetRequiredValue(golden), GoldenOptions.Of(parsed), parsed.GetValue(tolerance)));
    }

    private static Report Run(Func<ModelArgument> open, string golden, GoldenOptions options, double? tolerance)
    {
        if (tolerance is not (null or (>= 0 and < double.PositiveInfinity)))
        {
            throw new CommandException(ExitCode.Unusable,
                $"--tolerance {tolerance.Value.ToString(CultureInfo.InvariantCulture)} is not a number of 0 or more.");
        }

        var input = open();
        var (model, parameters) = (input.Build(), input.RequireParameters());
        var pair = GoldenPair.Parse(golden, GoldenData.Read(golden, options, model.Definition).File);
        var limit = tolerance ?? pair.Tolerance;
        var results = Enum.GetValues<SimdWidth>()
            .SelectMany(
                width => pair.Compare(model.Create(width, parameters), limit).Results.Select(result => (Width: width, Result: result)))
            .ToList();
        var largest = results.Max(r => r.Result.LargestDifference);

        var report = new Report { ExitCode = largest <= limit ? ExitCode.Done : ExitCode.Refused };
        report.Add(
            $"{input.Name}: {(largest <= limit ? "passed" : "FAILED")}, largest difference {Text(largest)}, tolerance {Text(limit)}, T " +
            $"= {pair.Steps}, B = {pair.Batch}");
        report.Add(Table.Lines(
            [["width", "call", "difference", "at", "expected", "got"], .. results.Select(r => Row(r.Width, r.Result))], 2, 4, 5));
        if (!model.Definition.CanStream)
        {
            report.Add("  Step is not checked: the model needs whole sequences.");
        }

        report.Json["model"] = input.Name;
        report.Json["golden"] = golden;
        report.Json["passed"] = largest <= limit;
        report.Json["tolerance"] = limit;
        report.Json["largestDifference"] = Report.Number(largest);
        report.Json["steps"] = pair.Steps;
        report.Json["batch"] = pair.Batch;
        report.Json["results"] = new JsonArray([.. results.Select(r => Node(r.Width, r.Result))]);
        return report;
    }

    private static string[] Row(SimdWidth width, SelfTestResult result) =>
        [width.ToString(), result.Call, Text(result.LargestDifference), result.Place, Exact(result.Expected), Exact(result.Actual)];

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
    };

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Exact(float value) => value.ToString("G9", CultureInfo.InvariantCulture);
}
