using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.CodeFixes;

namespace RnnCodegen.Generators.Tests.CodeFixes;

/// <summary>Applies each fix to what the generator reports, and lets the generator judge the result.</summary>
public class CodeFixTests
{
    [Theory]
    [InlineData(
        "RNN0001", "Make 'M' partial",
        "/// <summary>Doc.</summary>\n[RnnModel(InputSize = 2)]\npublic sealed class M\n{\n    [Gru(3)] public partial GruLayer A { " +
        "get; }\n}\n",
        "/// <summary>Doc.</summary>\n[RnnModel(InputSize = 2)]\npublic sealed partial class M\n{\n    [Gru(3)] public partial GruLayer " +
        "A { get; }\n}\n")]
    [InlineData(
        "RNN0001", "Make 'M' partial",
        "[RnnModel(InputSize = 2)]\n// why\nclass M\n{\n    [Gru(3)] public partial GruLayer A { get; }\n}\n",
        "[RnnModel(InputSize = 2)]\n// why\npartial class M\n{\n    [Gru(3)] public partial GruLayer A { get; }\n}\n")]
    [InlineData(
        "RNN0002", "Make 'Outer' partial",
        "readonly record struct Outer\n{\n    [RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial GruLayer A { " +
        "get; } }\n}\n",
        "readonly partial record struct Outer\n{\n    [RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial " +
        "GruLayer A { get; } }\n}\n")]
    [InlineData(
        "RNN0101", "Make 'A' partial",
        "[RnnModel(InputSize = 2)]\npublic partial class M\n{\n    [Gru(3)] public GruLayer A { get; } // why\n}\n",
        "[RnnModel(InputSize = 2)]\npublic partial class M\n{\n    [Gru(3)] public partial GruLayer A { get; } // why\n}\n")]
    [InlineData(
        "RNN0101", "Make 'A' partial",
        "[RnnModel(InputSize = 2)]\npublic partial class M\n{\n    [Gru(3)]\n    GruLayer A { get; }\n}\n",
        "[RnnModel(InputSize = 2)]\npublic partial class M\n{\n    [Gru(3)]\n    partial GruLayer A { get; }\n}\n")]
    [InlineData(
        "RNN0103", "Change the type to 'GruLayer'",
        "[RnnModel(InputSize = 2)]\npublic partial class M\n{\n    [Gru(3)] public partial LstmLayer /* why */ A { get; }\n}\n",
        "[RnnModel(InputSize = 2)]\npublic partial class M\n{\n    [Gru(3)] public partial GruLayer /* why */ A { get; }\n}\n")]
    [InlineData(
        "RNN0103", "Change the type to 'GruLayer'",
        "[RnnModel(InputSize = 2)]\npublic partial class M\n{\n    [Gru(3)] public partial GruLayer? A { get; }\n}\n",
        "[RnnModel(InputSize = 2)]\npublic partial class M\n{\n    [Gru(3)] public partial GruLayer A { get; }\n}\n")]
    public async Task Cures_the_finding(string id, string title, string source, string expected)
    {
        using var workspace = new AdhocWorkspace();
        var compilation = Generation.Compilation(source);
        var document = workspace.AddProject(ProjectInfo.Create(
                ProjectId.CreateNewId(), VersionStamp.Default, "Model", "Model", LanguageNames.CSharp,
                compilationOptions: compilation.Options, parseOptions: compilation.SyntaxTrees[0].Options,
                metadataReferences: compilation.References))
            .AddDocument("Model.cs", await compilation.SyntaxTrees[0].GetTextAsync());

        var finding = Assert.Single(await Findings(document));
        Assert.Equal(id, finding.Id);
        CodeFixProvider provider = id == "RNN0103" ? new LayerTypeCodeFix() : new PartialCodeFix();
        var actions = new List<CodeAction>();
        await provider.RegisterCodeFixesAsync(
            new CodeFixContext(document, finding, (action, _) => actions.Add(action), CancellationToken.None));
        var action = Assert.Single(actions);
        var change = (await action.GetOperationsAsync(CancellationToken.None)).OfType<ApplyChangesOperation>().Single();
        var changed = change.ChangedSolution.GetDocument(document.Id)!;

        Assert.Equal(title, action.Title);
        Assert.EndsWith("\n" + expected, (await changed.GetTextAsync()).ToString(), StringComparison.Ordinal);
        Assert.Empty(await Findings(changed));
    }

    [Fact]
    public void Each_fix_knows_only_rules_that_exist()
    {
        var fixable = new PartialCodeFix().FixableDiagnosticIds.Concat(new LayerTypeCodeFix().FixableDiagnosticIds).ToList();

        Assert.Equal(["RNN0001", "RNN0002", "RNN0101", "RNN0103"], fixable);
        Assert.All(fixable, id => Assert.Contains(Diagnostics.DiagnosticCases.All, c => c.Id == id));
    }

    private static async Task<ImmutableArray<Diagnostic>> Findings(Document document)
    {
        var compilation = (CSharpCompilation)(await document.Project.GetCompilationAsync())!;
        return CSharpGeneratorDriver
            .Create([new RnnModelGenerator().AsSourceGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options)
            .RunGenerators(compilation).GetRunResult().Diagnostics;
    }
}
