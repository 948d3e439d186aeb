using System.Text;
using System.Text.RegularExpressions;
using RnnCodegen.Cuda;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>
/// The device code of trainings, and what the package has of it compiled: PTX that drivers for CUDA 12.0 read. RNNCODEGEN_UPDATE_PTX=1 has
/// that made anew of the text, by NVRTC 12.4, and named by the text's hash in the project.
/// </summary>
public partial class ProgramTests
{
    private static readonly bool s_updates = Environment.GetEnvironmentVariable("RNNCODEGEN_UPDATE_PTX") == "1";

    [Fact]
    public void Package_has_code_of_this_text()
    {
        var program = CudaTrainingKernels.Program;
        foreach (var architecture in new[] { 80, 90, 120 })
        {
            var image = Encoding.UTF8.GetString(Assert.Single(EmbeddedImages.Find(program.Images!, program.Text, architecture)).Bytes);
            Assert.Equal(ForOldDrivers(image), image);
        }
    }

    [NvrtcTheory]
    [InlineData("compute_80")]
    [InlineData("compute_90")]
    public void Text_compiles_to_what_the_package_has(string architecture)
    {
        var program = CudaTrainingKernels.Program;
        var compiled = Nvrtc.Compile(program.Text, architecture);
        if (s_updates && architecture == "compute_80")
        {
            Update(program.Text, ForOldDrivers(compiled));
            return;
        }

        var embedded = Encoding.UTF8.GetString(EmbeddedImages.Find(program.Images!, program.Text, 80).Single().Bytes);
        Assert.DoesNotContain(".local", compiled, StringComparison.Ordinal);
        Assert.DoesNotContain("atom.", compiled, StringComparison.Ordinal);
        if (architecture == "compute_80" && Head(compiled) == Head(embedded))
        {
            Assert.Equal(embedded, ForOldDrivers(compiled));
        }

        // The line that has the compiler's version.
        static string Head(string ptx) => ptx.Split('\n').First(line => line.Contains("release", StringComparison.Ordinal));
    }

    // A compiler writes its own version of PTX, and hints that earlier ones do not know. Nothing else here is newer than 8.0, CUDA 12.0's.
    private static string ForOldDrivers(string ptx) =>
        Version().Replace(Hint().Replace(ptx, ""), ".version 8.0").TrimEnd('\0', '\n') + "\n";

    private static void Update(string text, string ptx)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RnnCodegen.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("RnnCodegen.sln is in no folder above.");
        }

        var project = Path.Combine(folder, "src", "RnnCodegen.Cuda", "RnnCodegen.Cuda.csproj");
        File.WriteAllText(Path.Combine(folder, "src", "RnnCodegen.Cuda", "Training", "training.ptx"), ptx);
        File.WriteAllText(project, Resource().Replace(File.ReadAllText(project), $"{CudaTextHash.Prefix(text)}compute_80.ptx"));
    }

    [GeneratedRegex(@"^\.version \d+\.\d+", RegexOptions.Multiline)]
    private static partial Regex Version();

    [GeneratedRegex(@"^[ \t]*\.pragma ""used_bytes_mask [^;]*;\n", RegexOptions.Multiline)]
    private static partial Regex Hint();

    [GeneratedRegex(@"rnncodegen\.cuda\.[0-9a-f]+\.compute_80\.ptx")]
    private static partial Regex Resource();
}
