using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Parsing;

namespace RnnCodegen.Generators.Tests.Files;

/// <summary>
/// The members for embedded files: there where a file is, compiling without a warning, and under names that are reserved.
/// </summary>
public class LoaderTests
{
    private const string Source = """
        namespace Ns.@in
        {
            /// <summary>Around it.</summary>
            public static partial class Outer
            {
                /// <summary>A model under names that code has to escape.</summary>
                [RnnModel(InputSize = 2)]
                public partial class @class
                {
                    /// <summary>Its layer.</summary>
                    [Dense(3)] public partial DenseLayer D { get; }
                }
            }
        }
        """;

    private const string Own = "public int LoadEmbedded() => 3; public sealed class SelfTest { }";

    /// <summary>The names are an author's to use until a file needs them.</summary>
    [Theory]
    [InlineData(Own, "", "")]
    [InlineData(Own, "RnnWeights", "RNN0010")]
    [InlineData(Own, "RnnGolden", "RNN0010")]
    [InlineData(Own, "RnnWeights,RnnGolden", "RNN0010,RNN0010")]
    [InlineData("[Dense(3)] public partial DenseLayer SelfTest { get; }", "", "")]
    [InlineData("[Dense(3)] public partial DenseLayer SelfTest { get; }", "RnnGolden", "RNN0106")]
    public void Names_of_members_for_files_are_taken_where_there_is_a_file(string members, string kinds, string ids)
    {
        var layer = members.Contains("DenseLayer", StringComparison.Ordinal)
            ? members
            : "[Dense(3)] public partial DenseLayer D { get; } " + members;
        ManifestText[] files = [.. kinds.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(kind =>
            ManifestText.Of(kind, "M", kind == "RnnWeights" ? "D.weight F32 3,2; D.bias F32 3" : "input F32 1,1,2; output F32 1,1,3"))];
        var result = Robustness.Project.Build(Generation.Compilation($"\n[RnnModel(InputSize = 2)] public partial class M {{\n{layer}\n}}"),
            files);

        Assert.Equal(ids, string.Join(',', result.Findings.Select(d => d.Id)));
        Assert.All(result.Findings,
            d => Assert.Equal(("Model.cs", 3), (d.Location.GetLineSpan().Path, d.Location.GetLineSpan().StartLinePosition.Line)));
        Assert.DoesNotContain(result.Compiled, d => d.Severity == DiagnosticSeverity.Error);
    }

    [Theory]
    [InlineData("RnnWeights", "LoadEmbedded")]
    [InlineData("RnnGolden", "SelfTest")]
    [InlineData("RnnWeights,RnnGolden", "LoadEmbedded,SelfTest")]
    [InlineData("", "")]
    public void A_model_has_the_members_of_its_files(string kinds, string members)
    {
        ManifestText[] files =
        [
            .. kinds.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(kind => ManifestText.Of(
                kind, "Ns.in.Outer.class", kind == "RnnWeights" ? "D.weight F32 3,2; D.bias F32 3" : "input F32 1,1,2; output F32 1,1,3")),
        ];
        var (generated, compilation) = Generation.Run("#nullable enable\n" + Source, files);
        var type = compilation.GetTypeByMetadataName("Ns.in.Outer+class")!;

        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning));
        Assert.Equal(files.Length > 0, generated.ContainsKey("Ns.in.Outer.class.Files.g.cs"));
        var found = type.GetMembers().Where(m => m.Name is "LoadEmbedded" or "SelfTest").ToList();
        Assert.Equal(members.Split(',', StringSplitOptions.RemoveEmptyEntries), found.Select(m => m.Name).Order());
        Assert.All(found, m => Assert.True(new GeneratedMembers(false, false, () => true).Clashes(m)));
    }

    [Fact]
    public void A_model_with_an_error_is_still_a_model()
    {
        var (_, compilation) = Generation.Run(
            "[RnnModel(InputSize = 2)] public partial class M { [Gru(0)] public partial GruLayer A { get; } }",
            ManifestText.Of("RnnWeights", "M", ""));
        Assert.DoesNotContain("Files.g.cs", string.Concat(compilation.SyntaxTrees.Select(t => t.FilePath)), StringComparison.Ordinal);
    }

    /// <summary>
    /// What files are called and hold is shown, and changes nothing of how a terminal or a log shows it, nor of what is generated.
    /// </summary>
    [Fact]
    public void Names_of_files_and_tensors_are_shown_escaped()
    {
        const string Name = "a\u001b[31m\u202e\u2028\n}class_Evil{}\ud800";
        ManifestText[] files =
        [
            ManifestText.Of("RnnWeights", "Ns.in.Outer.class", $"D.weight F32 9,9; {Name}\u0085 F32 1", $"{Name}.safetensors"),
            ManifestText.Of("RnnWeights", "Nowhere", "", $"{Name}.safetensors"),
        ];
        var compilation = Generation.Compilation("#nullable enable\n" + Source);
        var result = CSharpGeneratorDriver.Create(
            [new RnnModelGenerator().AsSourceGenerator()], files, (CSharpParseOptions)compilation.SyntaxTrees[0].Options)
            .RunGenerators(compilation).GetRunResult();

        var messages = result.Diagnostics.Select(d => d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(["RNN0201", "RNN0203", "RNN0204", "RNN0205"], result.Diagnostics.Select(d => d.Id).Order());
        Assert.All(messages, m => Assert.DoesNotContain(m, c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u202e'));
        Assert.Contains(messages,
            m => m.Contains("a\\u001B[31m\\u202E\\u2028\\n}class_Evil{}\\uD800.safetensors", StringComparison.Ordinal));
        Assert.All(result.GeneratedTrees, tree => Assert.DoesNotContain("Evil", tree.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("file\tRnnWeights\tM")]
    [InlineData("file\tRnnOther\tM\tm.safetensors\n")]
    [InlineData("place\tApp.csproj\t1\t1\n")]
    [InlineData("file\tRnnWeights\tM\tm.safetensors\ntensor\tD.weight\tF32\t3,-2\n")]
    [InlineData("file\tRnnWeights\tM\tm.safetensors\ntensor\tD.weight\tF32\t3,2\ntensor\tD.weight\tF32\t3,2\n")]
    [InlineData("no manifest at all\n")]
    public void A_text_that_is_no_manifest_is_not_read(string text)
    {
        var (generated, _) = Generation.Run(Source, new ManifestText("M", text));
        Assert.DoesNotContain(generated.Keys, k => k.EndsWith("Files.g.cs", StringComparison.Ordinal));
    }
}
