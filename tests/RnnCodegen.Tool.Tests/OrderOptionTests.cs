using Xunit;

namespace RnnCodegen.Tool.Tests;

/// <summary>The option that says in which order a state dict's modules compute.</summary>
public class OrderOptionTests
{
    [Fact]
    public void A_file_that_tells_no_order_is_refused_with_the_option_that_says_it()
    {
        using var folder = new ToolFolder();
        var file = Sorted(folder);
        var refused = ToolRun.Of("import", file, "--class", "My.Net", "--output", folder["out"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("nothing tells the order of its layers", refused.Error);
        Assert.Contains("--order Fc,Rnn", refused.Error);

        var run = ToolRun.Of("import", file, "--class", "My.Net", "--output", folder["out"], "--order", "Rnn, Fc");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var text = File.ReadAllText(folder["out/Net.cs"]);
        Assert.True(text.IndexOf("GruLayer Rnn", StringComparison.Ordinal) < text.IndexOf("DenseLayer Fc", StringComparison.Ordinal), text);

        // The class's own weights say their order.
        Assert.Equal(0, ToolRun.Of("import", folder["out/Net.safetensors"], "--class", "My.Again", "--output", folder["out"]).ExitCode);
        text = File.ReadAllText(folder["out/Again.cs"]);
        Assert.True(text.IndexOf("GruLayer Rnn", StringComparison.Ordinal) < text.IndexOf("DenseLayer Fc", StringComparison.Ordinal), text);
    }

    [Fact]
    public void All_commands_that_open_a_file_take_it()
    {
        using var folder = new ToolFolder();
        var file = Sorted(folder);
        var inspected = ToolRun.Of("inspect", file, "--order", "Rnn,Fc", "--json");
        Assert.Equal(["Rnn", "Fc"], inspected.Json["model"]!["layers"]!.AsArray().Select(l => (string?)l!["name"]));
        Assert.Equal(0, ToolRun.Of("quantize", file, "--format", "bf16", "--order", "Rnn,Fc").ExitCode);
        Assert.Equal(0, ToolRun.Of("export", file, "--order", "Rnn,Fc", "--onnx", folder["net.onnx"]).ExitCode);
        folder.Write("golden.safetensors", ToolFolder.Tensor("input", 2, 1, 4), ToolFolder.Tensor("output", 2, 1, 4));
        Assert.Contains("FAILED", ToolRun.Of("verify", file, "--order", "Rnn,Fc", "--against", folder["golden.safetensors"]).Output);
        Assert.Equal(["Rnn", "Fc"], RnnCodegen.Interchange.Onnx.OnnxImporter.Read(folder["net.onnx"]).Layers.Select(l => l.Name));
    }

    [Fact]
    public void It_is_refused_where_a_file_says_its_order_itself()
    {
        using var folder = new ToolFolder();
        var file = folder.WriteWeights("weights.safetensors");
        Assert.Equal(0, ToolRun.Of("export", file, "--onnx", folder["net.onnx"]).ExitCode);
        var onnx = ToolRun.Of("inspect", folder["net.onnx"], "--order", "Encoder,Head");
        Assert.Equal(1, onnx.ExitCode);
        Assert.Contains("a file of the format ONNX says the order of its layers itself", onnx.Error);
        var text = ToolRun.Of("verify", folder.Write("Small.cs", ToolFolder.SmallClass), "--against", file, "--order", "Encoder,Head");
        Assert.Equal(2, text.ExitCode);
        Assert.Contains("is a class; --order goes with a file of another framework", text.Error);
        Assert.Contains("the order names 'Tail', which is no module with weights",
            ToolRun.Of("import", file, "--class", "A", "--output", folder["out"], "--order", "Encoder,Tail").Error);
    }

    /// <summary>A GRU and a dense layer of equal widths, as Python's library sorts them.</summary>
    private static string Sorted(ToolFolder folder) => folder.Write(
        "sorted.safetensors", ToolFolder.Tensor("Fc.bias", 4), ToolFolder.Tensor("Fc.weight", 4, 4),
        ToolFolder.Tensor("Rnn.bias_hh_l0", 12), ToolFolder.Tensor("Rnn.bias_ih_l0", 12),
        ToolFolder.Tensor("Rnn.weight_hh_l0", 12, 4), ToolFolder.Tensor("Rnn.weight_ih_l0", 12, 4));
}
