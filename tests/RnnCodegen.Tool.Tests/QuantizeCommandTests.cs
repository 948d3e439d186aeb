using Xunit;

namespace RnnCodegen.Tool.Tests;

public class QuantizeCommandTests
{
    [Fact]
    public void Weights_that_BFloat16_has_lose_nothing_in_it_and_something_in8_bits()
    {
        using var folder = new ToolFolder();

        var run = ToolRun.Of("quantize", WriteModel(folder), "--format", "bf16", "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var formats = run.Json["formats"]!.AsArray();
        Assert.Equal(["Float32", "BFloat16", "Int8"], formats.Select(f => (string?)f!["format"]));
        Assert.Equal(0, (double?)formats[1]!["largestDifference"]);
        Assert.InRange((double)formats[2]!["largestDifference"]!, 1e-6, 0.1);

        // 36 + 48 + 8 weights in 12 + 12 + 2 rows, and 26 biases.
        Assert.Equal([472, (92 * 2) + 104, 92 + (26 * 4) + 104], formats.Select(f => (int)f!["bytes"]!));
        Assert.All(run.Json["weights"]!.AsArray(), w => Assert.Equal(0, (double?)w!["largestError"]));
        Assert.Equal(3, run.Json["weights"]!.AsArray().Count);
    }

    [Fact]
    public void The_errors_of8_bit_weights_are_at_most_half_a_step()
    {
        using var folder = new ToolFolder();

        var weights = ToolRun.Of("quantize", WriteModel(folder), "--format", "int8", "--json").Json["weights"]!.AsArray();

        // The largest magnitude of a row is at most 1/2.
        Assert.All(weights, w => Assert.InRange((double)w!["largestError"]!, 1e-6, (0.5 / 127 / 2) + 1e-9));
        Assert.All(weights, w => Assert.InRange((double)w!["relativeError"]!, 1e-5, 0.02));
    }

    [Fact]
    public void BFloat16_is_written_as_a_file_that_the_class_loads()
    {
        using var folder = new ToolFolder();
        var model = WriteModel(folder);

        var run = ToolRun.Of("quantize", model, "--format", "bf16", "--output", folder["small16.safetensors"]);

        Assert.Equal(0, run.ExitCode);
        var file = SafeTensorsFile.Read(folder["small16.safetensors"]);
        Assert.Equal("Encoder,Head", file.Metadata["rnncodegen.layers"]);
        Assert.Equal("BF16", file["Encoder.weight_hh_l0"].DataType);
        Assert.Equal("F32", file["Encoder.bias_hh_l0"].DataType);
        Assert.Equal(0, ToolRun.Of("quantize", model, "--weights", folder["small16.safetensors"], "--format", "bf16").ExitCode);

        var again = ToolRun.Of("quantize", model, "--format", "bf16", "--output", folder["small16.safetensors"]);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("--force", again.Error);
    }

    [Fact]
    public void Int8_is_written_as_the_class_that_rounds_what_it_loads()
    {
        using var folder = new ToolFolder();
        var model = WriteModel(folder);

        Assert.Equal(0, ToolRun.Of("quantize", model, "--format", "int8", "--output", folder["Small8.cs"]).ExitCode);

        var text = File.ReadAllText(folder["Small8.cs"]);
        Assert.Contains("[RnnModel(InputSize = 3, WeightFormat = WeightFormat.Int8)]", text);
        Assert.Contains("public partial class Small\n", text);
        Assert.Equal(0, ToolRun.Of("inspect", folder["Small8.cs"]).ExitCode);
    }

    [Fact]
    public void Another_format_is_refused() => Assert.Equal(2, ToolRun.Of("quantize", "m.cs", "--format", "int4").ExitCode);

    private static string WriteModel(ToolFolder folder)
    {
        folder.WriteWeights("Small.safetensors");
        return folder.Write("Small.cs", ToolFolder.SmallClass);
    }
}
