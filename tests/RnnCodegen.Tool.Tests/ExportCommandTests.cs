using Xunit;

namespace RnnCodegen.Tool.Tests;

public class ExportCommandTests
{
    [Theory]
    [InlineData("--onnx", "small.onnx")]
    [InlineData("--keras", "small.keras")]
    [InlineData("--pytorch", "small.pt")]
    [InlineData("--pytorch", "small16.safetensors")]
    public void What_was_exported_is_imported_as_the_same_model(string option, string name)
    {
        using var folder = new ToolFolder();
        var weights = folder.WriteWeights("Small.safetensors");

        var run = ToolRun.Of("export", folder.Write("Small.cs", ToolFolder.SmallClass), option, folder[name], "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(folder[name], (string?)run.Json[option[2..]]!["file"]);
        var model = ModelFile.Open(folder[name]).Model!;
        Assert.Equal([("Encoder", typeof(GruAttribute)), ("Head", typeof(DenseAttribute))],
            model.Layers.Select(l => (l.Name, l.Options.GetType())));
        var original = SafeTensorsFile.Read(weights);
        Assert.All(model.Weights.Values, w => Assert.Equal(original[w.Name].ToFloats(), w.Values));
    }

    [Fact]
    public void No_format_or_a_file_that_exists_is_wrong_usage()
    {
        using var folder = new ToolFolder();
        folder.WriteWeights("Small.safetensors");
        var model = folder.Write("Small.cs", ToolFolder.SmallClass);

        var none = ToolRun.Of("export", model);
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("--pytorch", none.Error);

        var existing = ToolRun.Of("export", model, "--pytorch", folder.Write("old.pt", "old"));
        Assert.Equal(2, existing.ExitCode);
        Assert.Equal("old", File.ReadAllText(folder["old.pt"]));
        Assert.Equal(2, ToolRun.Of("export", model, "--pytorch", folder["weights.bin"]).ExitCode);
    }

    [Fact]
    public void A_file_that_cannot_be_written_names_those_that_were()
    {
        using var folder = new ToolFolder();
        folder.WriteWeights("Small.safetensors");

        var run = ToolRun.Of("export", folder.Write("Small.cs", ToolFolder.SmallClass), "--onnx", folder["s.onnx"], "--pytorch",
            folder["s.bin"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"should end with .pt, .pth or .safetensors. Written before it: '{folder["s.onnx"]}'.", run.Error,
            StringComparison.Ordinal);
        Assert.Equal(["Small.cs", "Small.safetensors", "s.onnx"], folder.Files);
    }

    [Fact]
    public void A_class_without_weights_cannot_be_exported()
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("export", folder.Write("Small.cs", ToolFolder.SmallClass), "--pytorch", folder["s.pt"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(["Small.cs"], folder.Files);
    }
}
