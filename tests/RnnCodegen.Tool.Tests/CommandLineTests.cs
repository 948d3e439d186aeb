using Xunit;

namespace RnnCodegen.Tool.Tests;

public class CommandLineTests
{
    [Fact]
    public void Help_lists_the_commands_and_exit_codes()
    {
        var run = ToolRun.Of("--help");

        Assert.Equal(0, run.ExitCode);
        Assert.All(new[] { "inspect", "import", "verify", "export", "quantize", "Exit codes" }, w => Assert.Contains(w, run.Output));
    }

    [Theory]
    [InlineData("inspect", "FILE")]
    [InlineData("import", "--class")]
    [InlineData("verify", "--against")]
    [InlineData("export", "--pytorch")]
    [InlineData("quantize", "--format")]
    public void Each_command_has_help_of_its_own(string command, string word)
    {
        var run = ToolRun.Of(command, "--help");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(word, run.Output);
        Assert.Contains("--json", run.Output);
    }

    [Theory]
    [InlineData("inspct", "m.onnx")]
    [InlineData("inspect")]
    [InlineData("inspect", "m.onnx", "--colour")]
    [InlineData("import", "m.onnx")]
    [InlineData("verify", "m.onnx")]
    [InlineData("quantize", "m.onnx")]
    [InlineData("export", "m.onnx", "--onnx")]
    [InlineData]
    public void What_is_wrong_with_a_command_line_is_said_with_the_way_to_help(params string[] arguments)
    {
        var run = ToolRun.Of(arguments);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("--help", run.Error);
        Assert.All(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("rnncodegen: ", line));
    }
}
