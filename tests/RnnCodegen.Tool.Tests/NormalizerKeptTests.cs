using Xunit;

namespace RnnCodegen.Tool.Tests;

/// <summary>The normaliser in a file of weights goes where the weights go, or is told of where it cannot.</summary>
public class NormalizerKeptTests
{
    private const string Key = "rnncodegen.normalizer.inputs";
    private const string Scale = "MeanAndDeviation 1 2 3 / 4 5 6";

    [Fact]
    public void Quantize_and_a_state_dict_keep_it()
    {
        using var folder = new ToolFolder();
        var model = WriteModel(folder);

        var quantized = ToolRun.Of("quantize", model, "--format", "bf16", "--output", folder["small16.safetensors"]);
        Assert.Equal((0, ""), (quantized.ExitCode, quantized.Error));
        Assert.Contains("The normaliser of the weights' file is kept in it.", quantized.Output);
        Assert.Equal(Scale, SafeTensorsFile.Read(folder["small16.safetensors"]).Metadata[Key]);
        Assert.Equal(3, Normalizer.Load(folder["small16.safetensors"]).InputSize);

        var exported = ToolRun.Of("export", model, "--pytorch", folder["torch.safetensors"]);
        Assert.Equal((0, ""), (exported.ExitCode, exported.Error));
        Assert.Equal(Scale, SafeTensorsFile.Read(folder["torch.safetensors"]).Metadata[Key]);
        Assert.DoesNotContain("normaliser", exported.Output);
    }

    [Theory]
    [InlineData("--onnx", "small.onnx")]
    [InlineData("--keras", "small.keras")]
    [InlineData("--pytorch", "small.pt")]
    public void Export_to_a_format_without_a_place_for_it_says_so(string option, string name)
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("export", WriteModel(folder), option, folder[name]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("note: The normaliser of the weights' file is not in it", run.Output);
    }

    [Fact]
    public void Import_of_weights_keeps_it_and_inspect_shows_it()
    {
        using var folder = new ToolFolder();
        var model = WriteModel(folder);

        var run = ToolRun.Of("import", folder["Small.safetensors"], "--class", "My.Again", "--output", folder["again"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("the file's normaliser is kept in the weights", run.Output);
        Assert.Equal(Scale, SafeTensorsFile.Read(Path.Combine(folder["again"], "Again.safetensors")).Metadata[Key]);
        Assert.Contains(Scale, ToolRun.Of("inspect", model).Output);
        Assert.Contains(Scale, ToolRun.Of("inspect", folder["Small.safetensors"]).Output);
    }

    private static string WriteModel(ToolFolder folder)
    {
        var weights = SafeTensorsFile.Read(folder.WriteWeights("Plain.safetensors"));
        SafeTensorsFile.Write(
            folder["Small.safetensors"], [.. weights.Tensors],
            new Dictionary<string, string> { [Key] = Scale, ["rnncodegen.layers"] = "Encoder,Head" });
        return folder.Write("Small.cs", ToolFolder.SmallClass);
    }
}
