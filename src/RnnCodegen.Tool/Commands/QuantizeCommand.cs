using System.CommandLine;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using RnnCodegen.Interchange;
using RnnCodegen.Tool.Compilation;
using RnnCodegen.Tool.Golden;
using RnnCodegen.Tool.Inspection;
using RnnCodegen.Tool.Models;
using RnnCodegen.Tool.Quantization;

namespace RnnCodegen.Tool.Commands;

/// <summary>Says what a weight format costs in exactness, and writes the model for it.</summary>
internal static class QuantizeCommand
{
    private const string Bf16 = "bf16";
    private const string Int8 = "int8";

    public static ToolCommand Create()
    {
        var model = ModelOptions.Model();
        var weights = ModelOptions.Weights();
        var part = ModelOptions.Part();
        var order = ModelOptions.Order();
        var format = new Option<string>("--format")
        {
            Description = "The weight format to judge, and to write with --output.",
            Required = true
        };
        format.HelpName = $"{Bf16}|{Int8}";
        format.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not (Bf16 or Int8) and var value }])
            {
                result.AddError($"--format '{value}' is none of {Bf16} and {Int8}.");
            }
        });
        var golden = new Option<string>("--golden")
        {
            Description = "A golden file whose input is run; random numbers where not given.",
            HelpName = "GOLDEN"
        };
        var seed = new Option<int>("--seed")
        {
            Description = "The seed of random inputs.", HelpName = "NUMBER", DefaultValueFactory = _ => 1,
            CustomParser = result => ModelOptions.Number<int>(result, $"a whole number from {int.MinValue} to {int.MaxValue}"),
        };
        var output = new Option<string>("--output")
        {
            Description = "Write the result: for bf16 a safetensors file whose matrices are BF16; for int8 the class with " +
                "WeightFormat.Int8, a .cs file.",
            HelpName = "FILE",
        };
        var force = new Option<bool>("--force") { Description = "Replace a file that exists." };
        var command = new Command("quantize",
            "Compare a model's outputs with bfloat16 and 8-bit weights with those of float32 ones, and write it for one of them.")
        {
            model, weights, part, order, format, golden, seed, output, force,
        };
        GoldenOptions.AddTo(command);
        return new ToolCommand(command, parsed =>
        {
            var chosen = parsed.GetRequiredValue(format) == Bf16 ? WeightFormat.BFloat16 : WeightFormat.Int8;
            var target = parsed.GetValue(output);
            var isForced = parsed.GetValue(force);
            RequireOutput(chosen, target);
            var input = ModelArgument.Open(parsed.GetRequiredValue(model), parsed.GetValue(weights), part: parsed.GetValue(part),
                order: ModelOptions.OrderOf(parsed, order));
            if (target is not null)
            {
                FilePair.RequireFree(target, isForced, [.. input.Files, .. new[] { parsed.GetValue(golden) }.OfType<string>()]);
            }

            var definition = input.Build().Definition;
            var trial = parsed.GetValue(golden) is { } path
                ? Trial.OfGolden(path, GoldenOptions.Of(parsed), definition)
                : Trial.OfSeed(parsed.GetValue(seed), definition);
            return Run(input, trial, chosen, target);
        });
    }

    private static Report Run(ModelArgument input, Trial trial, WeightFormat chosen, string? output)
    {
        var parameters = input.RequireParameters();
        var variants = FormatVariants.Build(input.Description, input.Name);
        var results = variants.ToDictionary(v => v.Key, v => trial.Run(v.Value.Create(ModelCompiler.MachineWidth, parameters)));

        var report = new Report();
        report.Json["model"] = input.Name;
        report.Json["input"] = trial.Description;
        report.Json["steps"] = trial.Steps;
        report.Json["batch"] = trial.Batch;
        AddOutputs(report, trial, results, parameters);
        AddWeights(report, parameters, chosen);
        if (output is not null)
        {
            Write(report, input, parameters, chosen, output);
        }

        return report;
    }

    private static void AddOutputs(Report report, Trial trial, Dictionary<WeightFormat, float[]> results, ParameterSet parameters)
    {
        var exact = results[WeightFormat.Float32];
        var rows = new List<string[]> { new[] { "weights", "largest difference", "RMS difference", "bytes" } };
        var nodes = new JsonArray();
        foreach (var (format, values) in results)
        {
            var differences = new float[exact.Length];
            TensorPrimitives.Subtract(values, exact, differences);
            var largest = Math.Abs(TensorPrimitives.MaxMagnitude<float>(differences));
            var rms = Math.Sqrt(TensorPrimitives.SumOfSquares<float>(differences) / differences.Length);
            var bytes = parameters.Tensors.Sum(t => WeightRounding.Bytes(t.Info, format));
            rows.Add([format.ToString(), Text(largest), Text(rms), bytes.ToString("N0", CultureInfo.InvariantCulture)]);
            nodes.Add((JsonNode)new JsonObject
            {
                ["format"] = format.ToString(), ["largestDifference"] = Report.Number(largest), ["rmsDifference"] = Report.Number(rms),
                ["bytes"] = bytes,
            });
        }

        report.Add(
            $"Outputs for {trial.Description}, T = {trial.Steps}, B = {trial.Batch}; the largest float32 output " +
            $"is {Text(Math.Abs(TensorPrimitives.MaxMagnitude<float>(exact)))}");
        report.Add(Table.Lines(rows, 1, 2, 3));
        report.Json["largestOutput"] = Report.Number(Math.Abs(TensorPrimitives.MaxMagnitude<float>(exact)));
        report.Json["formats"] = nodes;
    }

    private static void AddWeights(Report report, ParameterSet parameters, WeightFormat format)
    {
        var rows = new List<string[]> { new[] { "tensor", "shape", "largest error", "RMS error / RMS weight" } };
        var nodes = new JsonArray();
        foreach (var tensor in parameters.Tensors.Where(t => WeightRounding.Applies(t.Info)))
        {
            var (largest, relative) = WeightRounding.Error(tensor, format);
            rows.Add([tensor.Name, $"[{string.Join(", ", tensor.Shape)}]", Text(largest), Text(relative)]);
            nodes.Add((JsonNode)new JsonObject { ["tensor"] = tensor.Name, ["largestError"] = largest, ["relativeError"] = relative });
        }

        report.Add("", $"Weights as {format}; all other tensors stay float32");
        report.Add(Table.Lines(rows, 2, 3));
        report.Json["format"] = format.ToString();
        report.Json["weights"] = nodes;
    }

    private static void Write(Report report, ModelArgument input, ParameterSet parameters, WeightFormat format, string output)
    {
        report.Json["written"] = output;
        if (format == WeightFormat.BFloat16)
        {
            SafeTensorsFile.Write(output, [.. parameters.Tensors.Select(t => WeightRounding.Applies(t.Info)
                ? SafeTensor.RoundToBFloat16(t.Name, t.Shape, t.Values)
                : new SafeTensor(t.Name, t.Shape, t.Values.ToArray()))], input.Description.FileMetadata());
            report.Add("", $"{output}: the weights, matrices as BF16. A class with or without a weight format loads it.");
            if (input.Description.Normalizer.Count > 0)
            {
                report.Add("The normaliser of the weights' file is kept in it.");
            }

            return;
        }

        var type = input.Build().Type;
        if (input.ClassText is null && type.IsNested)
        {
            throw new CommandException(
                ExitCode.Refused,
                $"'{input.Name}': {type.Name} is within {type.DeclaringType!.Name}, and a class is written by itself; set WeightFormat " +
                "there by hand.");
        }

        var name = input.ClassText is null ? type.FullName! : ClassFileNames.After(output, input.Description.Layers.Select(l => l.Name));
        var text = ClassWriter.Write(FormatVariants.With(input.Description, format), name, Path.GetFileName(input.Name));
        _ = ModelCompiler.Compile([ModelCompiler.MachineWidth], new ModelSource(output, text));
        AtomicFile.Write(output, text);
        report.Add("",
            $"{output}: the class {name} with WeightFormat.Int8. Its weight file stays float32: the class rounds what it loads.");
    }

    /// <summary>Refuses a file whose ending would make others take it for what it is not.</summary>
    private static void RequireOutput(WeightFormat format, string? output)
    {
        if (output is not null && ModelArgument.IsClassFile(output) != (format == WeightFormat.Int8))
        {
            throw new CommandException(ExitCode.Unusable, format == WeightFormat.Int8
                ? $"--output '{output}': for {Int8} a class is written; name a .cs file."
                : $"--output '{output}': for {Bf16} weights are written; name a .safetensors file.");
        }
    }

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
