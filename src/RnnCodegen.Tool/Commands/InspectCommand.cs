using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RnnCodegen.Interchange;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Tool.Compilation;
using RnnCodegen.Tool.Drawing;
using RnnCodegen.Tool.Inspection;
using RnnCodegen.Tool.Models;

namespace RnnCodegen.Tool.Commands;

/// <summary>Shows what is in a file.</summary>
internal static class InspectCommand
{
    public static ToolCommand Create()
    {
        var file = new Argument<string>("FILE")
        {
            Description = $"The file: {string.Join(", ", ModelFile.Formats)}, or a .cs file of an annotated class."
        };
        var part = ModelOptions.Part();
        var order = ModelOptions.Order();
        var architecture = ModelOptions.Architecture();
        var svg = SvgOption.Create(isRequired: false);
        var force = SvgOption.Force();
        var command = new Command("inspect",
            "Show what is in a model or weight file: layers, shapes, parameters, state and a drawing of the graph, or its tensors.")
        {
            file, part, order, architecture, svg, force,
        };
        GraphOptions.AddTo(command);
        return new ToolCommand(command, parsed =>
        {
            if (parsed.GetValue(svg) is { } picture)
            {
                FilePair.RequireFree(picture, parsed.GetValue(force), parsed.GetRequiredValue(file));
            }
            else if (parsed.GetValue(force))
            {
                throw new CommandException(ExitCode.Unusable, "--force replaces the file of --svg, which is not given.");
            }

            return Run(
                parsed.GetRequiredValue(file), parsed.GetValue(part), ModelOptions.OrderOf(parsed, order), GraphOptions.Of(parsed),
                parsed.GetValue(architecture), parsed.GetValue(svg));
        });
    }

    private static Report Run(
        string path, string? part, IReadOnlyList<string>? order, OnnxImportOptions? graph, string? architecture, string? svg)
    {
        var report = new Report();
        if (ModelArgument.IsClassFile(path))
        {
            var input = ModelArgument.Open(path, part: part, order: order, graph: graph, architecture: architecture);
            AddFile(report, path, input.Format, input.Description.Normalizer);
            AddModel(report, input);
            Draw(report, input, path, svg);
            return report;
        }

        var file = ModelArgument.OpenFile(path, part, order, graph, architecture);
        AddFile(report, path, file.Format, file.Metadata);
        if (file.Model is not null)
        {
            var input = ModelArgument.Of(file);
            AddModel(report, input);
            Draw(report, input, path, svg);
        }
        else if (svg is not null)
        {
            throw new CommandException(ExitCode.Refused, $"'{path}': there is no graph to draw: {file.Reason}");
        }
        else
        {
            report.Add("", $"No model can be told of it: {file.Reason}");
            report.Json["noModel"] = file.Reason;
            report.ExitCode = file.IsRefused ? ExitCode.Refused : ExitCode.Done;
        }

        if (file.Tensors.Count > 0)
        {
            AddTensors(report, file.Tensors);
        }

        return report;
    }

    private static void Draw(Report report, ModelArgument input, string path, string? svg)
    {
        if (svg is not null)
        {
            AtomicFile.Write(svg, GraphPicture.Draw(input.Description, Path.GetFileName(path)));
            report.Add("", $"{svg}: the drawing of the graph");
            report.Json["svg"] = svg;
        }
    }

    private static void AddFile(Report report, string path, string format, IReadOnlyDictionary<string, string> metadata)
    {
        report.Add($"{path}: {format}");
        report.Add(Table.Lines([.. metadata.Select(m => new[] { m.Key, m.Value })]));
        report.Json["file"] = path;
        report.Json["format"] = format;
        report.Json["metadata"] = new JsonObject(metadata.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Key, m.Value)));
    }

    private static void AddModel(Report report, ModelArgument input)
    {
        var model = input.Description;
        var lengths = input.ParameterLengths;
        var total = lengths.Values.Sum(n => (long)n);
        report.Add("", "Layers");
        report.Add(Table.Lines([.. LayerRows(model, lengths)], 3));
        report.Add("", $"{Text(total)} parameters, {Bytes(4 * total)} as float32");
        var json = new JsonObject
        {
            ["inputSize"] = model.Model.InputSize,
            ["output"] = model.Model.Output.ToString(),
            ["layers"] = new JsonArray([.. LayerNodes(model, lengths)]),
            ["parameters"] = total,
            ["parameterBytes"] = 4 * total,
            ["notes"] = Report.Array(model.Notes),
        };
        report.Json["model"] = json;
        AddBuilt(report, json, input);
        if (model.Notes.Count > 0)
        {
            report.Add("", "Notes");
            report.Add(model.Notes.Select(n => $"  {n}"));
        }

        report.Add("");
        report.Add(GraphDrawing.Draw(model));
    }

    /// <summary>What only the generator knows; or why there is no class.</summary>
    private static void AddBuilt(Report report, JsonObject json, ModelArgument input)
    {
        try
        {
            var definition = input.Outline();
            var state = definition.State.Sum(s => s.Size);
            report.Add(
                "State of a stream: " +
                $"{(state == 0 ? "none" : $"{state} floats, {string.Join(", ", definition.State.Select(s => $"{s.Name} {s.Size}"))}")}");
            report.Add(definition.CanStream
                ? "Runs a step at a time, and whole sequences."
                : "Runs whole sequences only: it needs their end, or all of them, for an output.");
            json["builds"] = true;
            json["vocabulary"] = definition.Vocabulary;
            json["outputSize"] = definition.OutputSize;
            json["outputIsSequence"] = definition.OutputIsSequence;
            json["canStream"] = definition.CanStream;
            json["state"] = new JsonArray([.. definition.State.Select(s => new JsonObject { ["name"] = s.Name, ["size"] = s.Size })]);
        }
        catch (Exception e) when (e is ModelCompilationException or CommandException)
        {
            var reasons = ToolCommands.Reasons(e);
            report.ExitCode = ExitCode.Refused;
            report.Add("It cannot be built as a class:");
            report.Add(reasons.Select(line => $"  {line}"));
            json["builds"] = false;
            json["errors"] = Report.Array(reasons);
        }
    }

    private static IEnumerable<string[]> LayerRows(ModelDescription model, IReadOnlyDictionary<string, int> lengths) =>
        model.Layers.Zip(LayerShapes.Of(model), (layer, shape) => new[]
        {
            layer.Name, AttributeText.Plain(layer.Options), shape.ToString(), $"{Text(CountOf(layer, lengths))} parameters",
        });

    private static IEnumerable<JsonNode> LayerNodes(ModelDescription model, IReadOnlyDictionary<string, int> lengths)
    {
        var (shapes, sources) = (LayerShapes.Of(model), LayerSources.Of(model));
        return model.Layers.Select((layer, i) => new JsonObject
        {
            ["name"] = layer.Name,
            ["kind"] = AttributeText.Name(layer.Options),
            ["attribute"] = AttributeText.Plain(layer.Options),
            ["sources"] = Report.Array(sources[i]),
            ["width"] = shapes[i].Width,
            ["steps"] = shapes[i].Steps,
            ["parameters"] = CountOf(layer, lengths),
        });
    }

    private static long CountOf(LayerDescription layer, IReadOnlyDictionary<string, int> lengths) =>
        lengths.Where(l => l.Key.StartsWith(layer.Name + ".", StringComparison.Ordinal)).Sum(l => (long)l.Value);

    private static void AddTensors(Report report, IReadOnlyList<FileTensor> tensors)
    {
        var rows = new List<string[]> { new[] { "tensor", "type", "shape", "min", "max", "mean", "NaN" } };
        var nodes = new JsonArray();
        foreach (var tensor in tensors)
        {
            var node = new JsonObject { ["name"] = tensor.Name, ["type"] = tensor.DataType, ["shape"] = Report.Array(tensor.Shape) };
            string[] statistics = ["", "", "", ""];
            if (tensor.Values is { } values)
            {
                var found = TensorStatistics.Of(values);
                statistics = [Text(found.Minimum), Text(found.Maximum), Text(found.Mean),
                    found.NaNs.ToString(CultureInfo.InvariantCulture)];
                node["min"] = Report.Number(found.Minimum);
                node["max"] = Report.Number(found.Maximum);
                node["mean"] = Report.Number(found.Mean);
                node["nans"] = found.NaNs;
            }

            rows.Add([tensor.Name, tensor.DataType, $"[{string.Join(", ", tensor.Shape)}]", .. statistics]);
            nodes.Add((JsonNode)node);
        }

        report.Add("");
        report.Add(Table.Lines(rows, 3, 4, 5, 6));
        report.Json["tensors"] = nodes;
    }

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) => bytes < 10_000
        ? $"{bytes} bytes"
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:N1} KiB");
}
