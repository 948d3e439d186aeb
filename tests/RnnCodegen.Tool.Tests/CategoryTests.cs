using Xunit;

namespace RnnCodegen.Tool.Tests;

/// <summary>Commands on a model that reads a column of its input as category ids.</summary>
public class CategoryTests
{
    private const string Class =
        """
        using RnnCodegen;
        namespace My;
        [RnnModel(InputSize = 3)]
        public partial class Sales
        {
            [Embedding(7, 2, Column = 1)] public partial EmbeddingLayer Day { get; }
            [Dense(2)]                    public partial DenseLayer Head { get; }
        }
        """;

    [Fact]
    public void Inspect_shows_the_rows_that_follow_it()
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("inspect", folder.Write("Sales.cs", Class));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Embedding(7, 2, Column = 1)", run.Output);
        Assert.Contains("input [T, B, 3]", run.Output);
    }

    [Fact]
    public void Quantize_draws_ids_for_its_random_rows()
    {
        using var folder = new ToolFolder();
        folder.Write(
            "Sales.safetensors", ToolFolder.Tensor("Day.weight", 7, 2), ToolFolder.Tensor("Head.weight", 2, 4),
            ToolFolder.Tensor("Head.bias", 2));

        var run = ToolRun.Of("quantize", folder.Write("Sales.cs", Class), "--format", "int8");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }
}
