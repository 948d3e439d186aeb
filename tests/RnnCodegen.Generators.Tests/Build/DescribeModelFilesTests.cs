using System.Collections;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using RnnCodegen.Build;
using RnnCodegen.Tests;

namespace RnnCodegen.Generators.Tests.Build;

/// <summary>The task as MSBuild runs it: manifests for right items, an error at the item for wrong ones.</summary>
public sealed class DescribeModelFilesTests : IDisposable
{
    private const string Project = """
        <Project>
          <ItemGroup>
            <RnnWeights Include="good.safetensors" Model="Ns.A" />
            <RnnWeights Include="nowhere.safetensors" Model="Ns.B" />
            <RnnGolden Include="bad.safetensors" Model="Ns.A" />
            <RnnGolden Include="good.safetensors" />
            <RnnGolden Include="good.safetensors" Model="../A" />
          </ItemGroup>
        </Project>
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;

    public DescribeModelFilesTests()
    {
        File.WriteAllText(Path.Combine(_folder, "App.csproj"), Project);
        SafeTensorsFile.Write(Path.Combine(_folder, "good.safetensors"), [new SafeTensor("W", [2], new float[2])]);
        File.WriteAllText(Path.Combine(_folder, "bad.safetensors"), "version https://git-lfs.github.com/spec/v1");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("RnnWeights", "nowhere.safetensors", "Ns.B", "RNN0302", 4,
        "RnnWeights 'nowhere.safetensors' of 'Ns.B': there is no such file")]
    [InlineData("RnnGolden", "bad.safetensors", "Ns.A", "RNN0303", 5, "RnnGolden 'bad.safetensors' of 'Ns.A': the header claims")]
    [InlineData("RnnGolden", "good.safetensors", "", "RNN0301", 6,
        "Give the RnnGolden item 'good.safetensors' the full name of its model's class: Model=\"Namespace.Name\"")]
    [InlineData("RnnGolden", "good.safetensors", "../A", "RNN0301", 7, "'../A' is none")]
    [InlineData("RnnWeights", "no\u001b[31m\u202e\nwhere.safetensors", "Ns.B", "RNN0302", 4,
        "RnnWeights 'no\\u001B[31m\\u202E\\nwhere.safetensors' of 'Ns.B': there is no such file")]
    public void A_wrong_item_is_an_error_at_its_line(string kind, string file, string model, string code, int line, string message)
    {
        var engine = new Engine();
        Assert.False(Run(engine, (kind, file, model)).Success);

        var error = Assert.Single(engine.Errors);
        Assert.Equal((code, Path.Combine(_folder, "App.csproj"), line, 6), (error.Code, error.File, error.LineNumber, error.ColumnNumber));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("docs/diagnostics.md#" + code.ToLowerInvariant(), error.HelpLink, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_right_item_has_a_manifest_which_stays_as_it_is()
    {
        (string, string, string)[] items = [("RnnWeights", "good.safetensors", "Ns.A"), ("RnnWeights", "good.safetensors", "Ns.A"),
            ("RnnGolden", "good.safetensors", "Ns.A")];
        var (success, manifests) = Run(new Engine(), items);

        Assert.True(success);
        Assert.Equal(["Ns.A.RnnGolden.rnnmanifest", "Ns.A.RnnWeights.2.rnnmanifest", "Ns.A.RnnWeights.rnnmanifest"],
            manifests.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var text = File.ReadAllText(manifests[0]);
        Assert.Equal($"file\tRnnWeights\tNs.A\tgood.safetensors\nplace\t{Path.Combine(_folder, "App.csproj")}\t3\t6\ntensor\tW\tF32\t2\n",
            text);

        // An equal manifest is not written again; another is.
        var past = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(manifests[0], past);
        Run(new Engine(), items);
        Assert.Equal(past, File.GetLastWriteTimeUtc(manifests[0]));
        SafeTensorsFile.Write(Path.Combine(_folder, "good.safetensors"), [new SafeTensor("W", [3], new float[3])]);
        Run(new Engine(), items);
        Assert.NotEqual(past, File.GetLastWriteTimeUtc(manifests[0]));
        Assert.Contains("tensor\tW\tF32\t3\n", File.ReadAllText(manifests[0]), StringComparison.Ordinal);
    }

    [PipeFact]
    public async System.Threading.Tasks.Task APipeIsAnErrorAtItsLineAndNotWaitedFor()
    {
        Pipes.Make(Path.Combine(_folder, "nowhere.safetensors"));
        var engine = new Engine();
        await System.Threading.Tasks.Task.Run(() => Run(engine, ("RnnWeights", "nowhere.safetensors", "Ns.B"))).WaitAsync(Pipes.Patience);
        var error = Assert.Single(engine.Errors);
        Assert.Equal(("RNN0302", 4), (error.Code, error.LineNumber));
        Assert.Contains("is a named pipe, not a file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_are_reported_at_once()
    {
        var engine = new Engine();
        var (success, manifests) = Run(engine, ("RnnWeights", "good.safetensors", "Ns.A"), ("RnnWeights", "nowhere.safetensors", "Ns.B"),
            ("RnnGolden", "bad.safetensors", "Ns.A"));
        Assert.False(success);
        Assert.Equal(["RNN0302", "RNN0303"], engine.Errors.Select(e => e.Code));
        Assert.Single(manifests);
    }

    [Fact]
    public void The_documentation_has_a_section_for_each_code()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "RnnCodegen.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException("No folder above the tests holds RnnCodegen.sln.");
        }

        var docs = File.ReadAllText(Path.Combine(root, "docs", "diagnostics.md"));
        foreach (var code in new[] { ModelFileException.NoModel, ModelFileException.Unreadable, ModelFileException.Malformed })
        {
            Assert.Contains($"\n| [{code}](#{code.ToLowerInvariant()}) | Error | ", docs, StringComparison.Ordinal);
            Assert.Contains($"\n### {code}\n\n**", docs, StringComparison.Ordinal);
        }
    }

    private (bool Success, string[] Manifests) Run(IBuildEngine engine, params (string Kind, string File, string Model)[] items)
    {
        var task = new DescribeModelFiles
        {
            BuildEngine = engine,
            Folder = Path.Combine(_folder, "obj", "rnncodegen"),
            Weights = [.. items.Where(i => i.Kind == "RnnWeights").Select(Item)],
            Golden = [.. items.Where(i => i.Kind == "RnnGolden").Select(Item)],
        };
        return (task.Execute(), [.. task.Manifests.Select(m => m.ItemSpec)]);

        ITaskItem Item((string Kind, string File, string Model) item) => new ProjectItem(_folder, item.File, item.Model);
    }

    /// <summary>An item as MSBuild gives it to a task, with the metadata that every item of a project has.</summary>
    private sealed class ProjectItem(string folder, string file, string model) : ITaskItem
    {
        public string ItemSpec
        {
            get => file;
            set => throw new NotSupportedException("Items are the project's.");
        }

        public ICollection MetadataNames => new[] { "Model" };

        public int MetadataCount => 1;

        public string GetMetadata(string metadataName) => metadataName switch
        {
            "Model" => model,
            "FullPath" => Path.Combine(folder, file),
            "DefiningProjectFullPath" => Path.Combine(folder, "App.csproj"),
            _ => "",
        };

        public void SetMetadata(string metadataName, string metadataValue) => throw new NotSupportedException("Items are the project's.");

        public void RemoveMetadata(string metadataName) => throw new NotSupportedException("Items are the project's.");

        public void CopyMetadataTo(ITaskItem destinationItem) => throw new NotSupportedException("Items are the project's.");

        public IDictionary CloneCustomMetadata() => new Dictionary<string, string> { ["Model"] = model };
    }

    private sealed class Engine : IBuildEngine
    {
        public List<BuildErrorEventArgs> Errors { get; } = [];

        public bool ContinueOnError => false;

        public int LineNumberOfTaskNode => 0;

        public int ColumnNumberOfTaskNode => 0;

        public string ProjectFileOfTaskNode => "";

        public void LogErrorEvent(BuildErrorEventArgs e) => Errors.Add(e);

        public void LogWarningEvent(BuildWarningEventArgs e) => throw new NotSupportedException("The task warns of nothing.");

        public void LogMessageEvent(BuildMessageEventArgs e) => throw new NotSupportedException("The task says nothing.");

        public void LogCustomEvent(CustomBuildEventArgs e) => throw new NotSupportedException("The task logs errors only.");

        public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties,
            IDictionary targetOutputs) =>
                throw new NotSupportedException("The task builds nothing.");
    }
}
