using System.Collections;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Build;
using RnnCodegen.Generators.Tests.Diagnostics;
using RnnCodegen.PtxMachine;

namespace RnnCodegen.Generators.Tests.Build;

/// <summary>What the build makes of device code: of which texts, under which names, when again, and what it says.</summary>
public sealed class DeviceCodeTests : IDisposable
{
    private const string Source =
        "[RnnModel(InputSize = 3, Cuda = true)] internal partial class M { [Gru(5)] internal partial GruLayer A { get; } }" +
        DiagnosticCases.CudaStub;

    private const string Kernel = "extern \"C\" __global__ void add(float* x) { x[threadIdx.x] += 1; }";

    private static readonly string s_nvrtc = Environment.GetEnvironmentVariable("RNNCODEGEN_NVRTC") ?? "";

    private readonly string _folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;
    private readonly Engine _engine = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Text_of_a_generated_file_is_the_one_that_the_compiler_reads()
    {
        var file = Generation.Run(Source).Files["M.Cuda.g.cs"];
        var literal = CSharpSyntaxTree.ParseText(file).GetRoot().DescendantNodes().OfType<LiteralExpressionSyntax>()
            .Single(l => l.Token.IsKind(SyntaxKind.Utf8MultiLineRawStringLiteralToken)
                || l.Token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken));

        Assert.Equal(literal.Token.ValueText, DeviceText.Find(file));
        Assert.Equal(literal.Token.ValueText, DeviceText.Find(file.Replace("\n", "\r\n")));
        Assert.Null(DeviceText.Find("class C { string Text = \"\"; }"));
    }

    [Theory]
    [InlineData("[RnnModel(InputSize = 3, Cuda = true)] class M;", true)]
    [InlineData("[RnnModel(InputSize = 3,\n    Cuda\n    = Settings.HasGpu)] class M;", true)]
    [InlineData("using RnnCodegen.Cuda; [RnnModel(InputSize = 3)] class M;", false)]
    [InlineData("if (Cuda == null) { }", false)]
    public void Only_sources_that_ask_for_it_have_the_compiler_run(string source, bool asks)
    {
        var path = Path.Combine(_folder, "Model.cs");
        File.WriteAllText(path, source);
        var task = new FindDeviceModels { BuildEngine = _engine, Sources = [new TaskItem(path)], Nvrtc = Path.Combine(_folder, "none.so") };

        Assert.Equal(!asks, task.Execute());
        Assert.False(task.IsNeeded);
        Assert.Equal(asks ? ["RNN0305"] : [], _engine.Errors.Select(e => e.Code));
    }

    [Theory]
    [InlineData("90")]
    [InlineData("sm_")]
    [InlineData("sm_75")]
    [InlineData("compute_9.0")]
    public void Architectures_that_are_none_are_refused(string word)
    {
        Assert.False(Compile("", [word]).Execute());
        var error = Assert.Single(_engine.Errors);
        Assert.Equal("RNN0305", error.Code);
        Assert.Contains($"RnnCudaArchitectures has '{word}'", error.Message, StringComparison.Ordinal);
    }

    [NvrtcFact]
    public void Images_have_the_names_that_the_loader_looks_for_and_are_made_once()
    {
        var task = Compile(Kernel, ["sm_80", "sm_90", "compute_80"]);
        Assert.True(task.Execute(), string.Join("\n", _engine.Errors.Select(e => e.Message)));
        var prefix = RnnCodegen.Cuda.CudaTextHash.Prefix(Kernel);
        Assert.Equal([prefix + "compute_80.ptx", prefix + "sm_80.cubin", prefix + "sm_90.cubin"], task.Names);
        Assert.Contains(".target sm_80", Encoding.UTF8.GetString(File.ReadAllBytes(Image("compute_80.ptx"))), StringComparison.Ordinal);
        Assert.Equal([0x7F, (byte)'E', (byte)'L', (byte)'F'], File.ReadAllBytes(Image("sm_90.cubin"))[..4]);

        // What is there stays; what is no longer wanted goes.
        var past = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Image("sm_90.cubin"), past);
        Assert.True(Compile(Kernel, ["sm_90"]).Execute());
        Assert.Equal(past, File.GetLastWriteTimeUtc(Image("sm_90.cubin")));
        Assert.False(File.Exists(Image("sm_80.cubin")));

        // What another compiler made is made again.
        File.WriteAllText(Path.Combine(_folder, "images", "compiler.txt"), "11080");
        Assert.True(Compile(Kernel, ["sm_90"]).Execute());
        Assert.NotEqual(past, File.GetLastWriteTimeUtc(Image("sm_90.cubin")));

        string Image(string name) => Path.Combine(_folder, "images", prefix + name);
    }

    [NvrtcFact]
    public void A_text_that_does_not_compile_is_an_error_with_the_log()
    {
        Assert.False(Compile("extern \"C\" __global__ void wrong() { nothing(); }", ["sm_90"]).Execute());
        var error = Assert.Single(_engine.Errors);
        Assert.Equal(("RNN0306", "Ns.M.Cuda.g.cs"), (error.Code, Path.GetFileName(error.File)));
        Assert.StartsWith("The CUDA code of Ns.M does not compile for sm_90: NVRTC ", error.Message, StringComparison.Ordinal);
        Assert.Contains("identifier \"nothing\" is undefined", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "images"), "rnncodegen.cuda.*"));
    }

    [Fact]
    public void The_documentation_has_a_section_for_each_code()
    {
        var docs = File.ReadAllText(Path.Combine(Repository.Root, "docs", "diagnostics.md"));
        foreach (var code in new[] { DeviceCodeException.WrongSetting, DeviceCodeException.WrongText })
        {
            Assert.Contains($"\n| [{code}](#{code.ToLowerInvariant()}) | Error | ", docs, StringComparison.Ordinal);
            Assert.Contains($"\n### {code}\n\n**", docs, StringComparison.Ordinal);
        }
    }

    private CompileDeviceCode Compile(string text, string[] architectures)
    {
        var texts = Directory.CreateDirectory(Path.Combine(_folder, "texts", "generator")).FullName;
        File.WriteAllText(Path.Combine(texts, "Ns.M.Cuda.g.cs"), $"class C\n{{\n    string Text => \"\"\"\n    {text}\n    \"\"\";\n}}\n");
        return new()
        {
            BuildEngine = _engine, Texts = Path.Combine(_folder, "texts"), Images = Path.Combine(_folder, "images"),
            Architectures = architectures, Nvrtc = s_nvrtc,
        };
    }

    private sealed class Engine : IBuildEngine
    {
        public List<BuildErrorEventArgs> Errors { get; } = [];

        public bool ContinueOnError => false;

        public int LineNumberOfTaskNode => 0;

        public int ColumnNumberOfTaskNode => 0;

        public string ProjectFileOfTaskNode => "";

        public void LogErrorEvent(BuildErrorEventArgs e) => Errors.Add(e);

        public void LogWarningEvent(BuildWarningEventArgs e) => throw new NotSupportedException("The tasks warn of nothing.");

        public void LogMessageEvent(BuildMessageEventArgs e)
        {
        }

        public void LogCustomEvent(CustomBuildEventArgs e) => throw new NotSupportedException("The tasks log errors and messages only.");

        public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties,
            IDictionary targetOutputs) =>
                throw new NotSupportedException("The tasks build nothing.");
    }
}
