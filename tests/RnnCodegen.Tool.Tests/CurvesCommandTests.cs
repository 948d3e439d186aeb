using System.Globalization;
using System.Xml.Linq;
using RnnCodegen.Tool.Drawing;
using Xunit;

namespace RnnCodegen.Tool.Tests;

public class CurvesCommandTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_log_becomes_a_picture_with_a_curve_for_each_quantity(bool isJson)
    {
        using var folder = new ToolFolder();
        var log = WriteLog(folder, isJson, updates: 2000);

        var run = ToolRun.Of("curves", log, "--svg", folder["a.svg"], "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(2000, (int?)run.Json["lines"]);
        Assert.Equal(
            ["loss", "validation_loss", "accuracy", "a < b, \"c\"", "gradient_norm", "learning_rate"],
            run.Json["curves"]!.AsObject().Select(c => c.Key));
        Assert.Equal(0.001, (double)run.Json["curves"]!["loss"]!, 1e-9);
        var picture = XDocument.Load(folder["a.svg"]).Root!;
        var paths = picture.Elements().Where(e => e.Name.LocalName == "path").ToArray();
        Assert.Equal(6, paths.Length);
        Assert.All(paths, path => Assert.InRange(path.Attribute("d")!.Value.Split('L').Length, 2, 701));
        var texts = picture.Elements().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToArray();
        Assert.Contains(texts, t => t.StartsWith("a < b, \"c\": 0.5 (0.5 to 0.5)", StringComparison.Ordinal));
        Assert.Contains(texts, t => t.StartsWith("training loss: 0.001 (0.001 to 2) (logarithmic)", StringComparison.Ordinal));
        Assert.Contains("updates", texts);
        Assert.Contains("prefers-color-scheme: dark", picture.Elements().Single(e => e.Name.LocalName == "style").Value);

        // Nothing is outside of the picture.
        var (width, height) = (Number(picture.Attribute("width")!), Number(picture.Attribute("height")!));
        Assert.All(picture.Elements().Where(e => e.Name.LocalName == "circle"), dot =>
        {
            Assert.InRange(Number(dot.Attribute("cx")!), 0, width);
            Assert.InRange(Number(dot.Attribute("cy")!), 0, height);
        });
    }

    [Fact]
    public void A_log_of_one_line_and_one_that_is_being_written_are_drawn()
    {
        using var folder = new ToolFolder();
        var log = WriteLog(folder, isJson: false, updates: 1);
        File.AppendAllText(log, "1,2,3");

        var run = ToolRun.Of("curves", log, "--svg", folder["a.svg"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("1 lines", run.Output);
        Assert.DoesNotContain("NaN", File.ReadAllText(folder["a.svg"]));
    }

    [Theory]
    [InlineData("", "no complete line of numbers")]
    [InlineData("epoch,update,loss\n", "no complete line of numbers")]
    [InlineData("a,b\n1,2\n", "no columns 'update' and 'loss'")]
    [InlineData("update,loss\n1\n", "line 2 is not one of numbers")]
    [InlineData("update,loss\n1,x\n", "line 2 is not one of numbers")]
    [InlineData("{\"update\":1,\"loss\":2}\n{\"update\":1}\n", "line 2 is not one of numbers")]
    [InlineData("{\"update\":1\n", "line 1 is not one of numbers")]
    public void A_file_that_is_no_log_is_refused(string text, string reason)
    {
        using var folder = new ToolFolder();
        var run = ToolRun.Of("curves", folder.Write("log", text), "--svg", folder["a.svg"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(reason, run.Error);
        Assert.Equal(["log"], folder.Files);
    }

    [Fact]
    public void A_picture_that_exists_is_kept_unless_told()
    {
        using var folder = new ToolFolder();
        var (log, picture) = (WriteLog(folder, isJson: false, updates: 3), folder.Write("a.svg", "old"));
        Assert.Equal(2, ToolRun.Of("curves", log, "--svg", picture).ExitCode);
        Assert.Equal("old", File.ReadAllText(picture));
        Assert.Equal(0, ToolRun.Of("curves", log, "--svg", picture, "--force").ExitCode);
        Assert.StartsWith("<svg", File.ReadAllText(picture));
        Assert.Contains("what the command reads", ToolRun.Of("curves", log, "--svg", log, "--force").Error);
        Assert.Equal(2, ToolRun.Of("curves", log).ExitCode);
    }

    [Fact]
    public void The_graph_of_a_model_is_drawn_with_all_that_its_layers_read()
    {
        using var folder = new ToolFolder();
        var model = folder.Write("Skips.cs",
            """
            using RnnCodegen;
            [RnnModel(InputSize = 5, Output = OutputTransform.Softmax)]
            public partial class Skips
            {
                [Dense(8)]                                 public partial DenseLayer Front { get; }
                [Gru(8)]                                   public partial GruLayer Encoder { get; }
                [Add("Encoder", "Front")]                  public partial AddLayer Sum { get; }
                [Concat("Sum", RnnModelAttribute.Input)]   public partial ConcatLayer All { get; }
                [Dense(3)]                                 public partial DenseLayer Head { get; }
            }
            """);

        var run = ToolRun.Of("inspect", model, "--svg", folder["a.svg"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var picture = XDocument.Load(folder["a.svg"]).Root!;
        var texts = picture.Elements().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToArray();
        Assert.All(["Front", "Encoder", "Sum", "All", "Head", "input [T, B, 5]", "output, Softmax in Run and Step"],
            text => Assert.Contains(text, texts));
        Assert.Contains(texts, text => text.Contains("[T, B, 13]"));

        // One arrow for each of the seven that a layer reads, and one to the output.
        Assert.Equal(8, picture.Elements().Count(e => (string?)e.Attribute("class") == "tip"));
        Assert.Contains("--force", ToolRun.Of("inspect", model, "--svg", folder["a.svg"]).Error);
        Assert.Contains("--svg, which is not given", ToolRun.Of("inspect", model, "--force").Error);
        var weights = ToolRun.Of("inspect", folder.Write("t.safetensors", ToolFolder.Tensor("x", 2)), "--svg", folder["b.svg"]);
        Assert.Equal(1, weights.ExitCode);
        Assert.Contains("no graph to draw", weights.Error);
    }

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(-3, 17, false)]
    [InlineData(5, 5, false)]
    [InlineData(0, 0, false)]
    [InlineData(-4.2, 0.3, true)]
    [InlineData(0.2, 0.3, true)]
    [InlineData(1e-9, 2e-9, false)]
    public void An_axis_has_round_ticks_within_it(double least, double greatest, bool isLogarithmic)
    {
        var scale = ChartScale.Of(least, greatest, isLogarithmic, 5);
        Assert.InRange(scale.Ticks.Length, 2, 12);
        Assert.All(scale.Ticks, tick => Assert.InRange(scale.Part(tick), -1e-6, 1 + 1e-6));
        Assert.InRange(scale.Part(least), 0, 1);
        Assert.InRange(scale.Part(greatest), 0, 1);
        Assert.Equal(scale.Ticks.Length, scale.Ticks.Select(scale.Label).Distinct().Count());
    }

    private static double Number(XAttribute attribute) => double.Parse(attribute.Value, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static string WriteLog(ToolFolder folder, bool isJson, int updates)
    {
        using var log = isJson ? TrainingLog.JsonLines(folder["log"]) : TrainingLog.Csv(folder["log"]);
        for (var u = 1; u <= updates; u++)
        {
            log.Report(new TrainingProgress
            {
                Epoch = 1,
                Epochs = 1,
                Batch = u,
                Batches = updates,
                Update = u,
                Loss = 2f / u,
                ValidationLoss = 3f / u,
                IsValidated = u % 50 == 0 || updates < 50,
                Metrics = [new MetricValue("accuracy", u / 2000.0), new MetricValue("a < b, \"c\"", 0.5)],
                GradientNorm = 1,
                LearningRate = 0.1,
                SamplesPerSecond = 1,
                Elapsed = TimeSpan.FromSeconds(u),
                Remaining = TimeSpan.Zero,
            });
        }

        return folder["log"];
    }
}
