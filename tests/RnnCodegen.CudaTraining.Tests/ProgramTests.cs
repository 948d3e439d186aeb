using RnnCodegen.Cuda;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>The device code of trainings, and what the package has of it compiled.</summary>
public class ProgramTests
{
    [Fact]
    public void Package_has_code_of_this_text()
    {
        var program = CudaTrainingKernels.Program;
        foreach (var architecture in new[] { 80, 90, 120 })
        {
            Assert.Single(EmbeddedImages.Find(program.Images!, program.Text, architecture));
        }
    }

    [NvrtcTheory]
    [InlineData("compute_80")]
    [InlineData("compute_90")]
    public void Text_compiles_to_what_the_package_has(string architecture)
    {
        var program = CudaTrainingKernels.Program;
        var compiled = Nvrtc.Compile(program.Text, architecture);
        var embedded = System.Text.Encoding.UTF8.GetString(EmbeddedImages.Find(program.Images!, program.Text, 80).Single().Bytes);
        Assert.DoesNotContain(".local", compiled, StringComparison.Ordinal);
        Assert.DoesNotContain("atom.", compiled, StringComparison.Ordinal);
        if (architecture == "compute_80" && Head(compiled) == Head(embedded))
        {
            Assert.Equal(embedded.TrimEnd('\0', '\n'), compiled.TrimEnd('\0', '\n'));
        }

        // The line that has the compiler's version.
        static string Head(string ptx) => ptx.Split('\n').First(line => line.Contains("release", StringComparison.Ordinal));
    }
}
