using System.Runtime.Loader;
using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Tests;

/// <summary>The code of the documentation compiles, and that of a whole program runs.</summary>
public sealed class PageTests
{
    private static readonly MetadataReference[] s_references =
    [
        .. Generation.References,
        .. new[] { typeof(TrainingConsole), typeof(Spectre.Console.IAnsiConsole), typeof(RnnCodegen.Cuda.CudaOptions) }
            .Select(type => MetadataReference.CreateFromFile(type.Assembly.Location)),
    ];

    private static readonly string s_docs = Path.Combine(Repository.Root, "docs");

    [Theory]
    [InlineData("first-model.md")]
    [InlineData("losses.md")]
    [InlineData("training.md")]
    [InlineData("choosing-a-cell.md")]
    [InlineData("real-time.md")]
    [InlineData("attention.md")]
    [InlineData("exactness.md")]
    [InlineData("troubleshooting.md")]
    [InlineData("from-pytorch.md")]
    [InlineData("from-keras.md")]
    [InlineData("from-onnx.md")]
    [InlineData("cuda.md")]
    public void Code_of_a_page_compiles(string name)
    {
        var page = Page.Read(Path.Combine(s_docs, name));
        Assert.NotEmpty(page.Programs);
        foreach (var program in page.Programs)
        {
            Assert.Empty(Page.Compile(program, s_references).GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        }
    }

    [Theory]
    [InlineData("first-model.md", "readings.csv", "machine.safetensors")]
    [InlineData("losses.md")]
    [InlineData("choosing-a-cell.md")]
    [InlineData("real-time.md")]
    [InlineData("attention.md")]
    [InlineData("exactness.md", "spotter.golden.safetensors")]
    [InlineData("troubleshooting.md")]
    [InlineData("from-pytorch.md", "spotter.checkpoint", "spotter.safetensors")]
    [InlineData("from-onnx.md")]
    [InlineData("cuda.md", "denoiser.safetensors")]
    public void A_page_that_is_a_program_runs(string name, params string[] files)
    {
        foreach (var program in Page.Read(Path.Combine(s_docs, name)).Programs)
        {
            using var image = new MemoryStream();
            Assert.True(Page.Compile(program, s_references).Emit(image).Success);
            image.Position = 0;
            var context = new AssemblyLoadContext(name, isCollectible: false);
            var main = context.LoadFromStream(image).EntryPoint!;
            main.Invoke(null, main.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
        }

        foreach (var file in files)
        {
            Assert.True(File.Exists(file), $"{name} did not write {file}.");
            File.Delete(file);
        }
    }

    [Fact]
    public void A_page_that_is_wrong_is_found()
    {
        using var folder = new Folder();
        var path = Path.Combine(folder.Path, "wrong.md");
        File.WriteAllText(
            path,
            "```csharp\nvar x = 1;\n```\ntext\n<!-- csharp\nvar y = x;\n-->\n<!-- new program -->\n```csharp\nvar z = y;\n```\n");
        var page = Page.Read(path);
        Assert.Equal([2, 1], page.Programs.Select(p => p.Count));
        var errors = page.Programs.Select(
            p => Page.Compile(p, s_references).GetDiagnostics().Count(d => d.Severity == DiagnosticSeverity.Error));
        Assert.Equal([0, 1], errors);
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("rnncodegen").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
