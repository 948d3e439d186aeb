using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Tool.Compilation;
using Xunit;

namespace RnnCodegen.Tool.Tests;

/// <summary>
/// Files of every format with names that were chosen to do harm: what is written of them is the class that is expected and nothing else, it
/// builds without a warning, its parameters are the file's, and nothing that a terminal obeys is printed. The same cases in each run.
/// </summary>
public class NameFuzzTests
{
    // Texts are checked of all of them; to build a class takes a second.
    private const int FilesOfAFormat = 80;
    private const int ClassesBuilt = 4;

    public static TheoryData<string> Formats => [.. NastyFiles.Formats.Keys];

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_class_is_the_expected_one_and_nothing_else(string format)
    {
        using var folder = new ToolFolder();
        var models = new List<(ModelDescription Model, string FullName, string Text)>();
        for (var seed = 0; seed < FilesOfAFormat; seed++)
        {
            var names = new NastyNames(seed);
            var path = folder[$"{seed}{names.File(format)}"];
            NastyFiles.Formats[format](path, names);
            ModelFile file;
            try
            {
                file = ModelFile.Open(path);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                // Names that a format has a meaning for, or that an archive refuses.
                continue;
            }

            if (file.Model is { } model)
            {
                var fullName = $"Fuzz{seed}.{ClassFileNames.After(path, model.Layers.Select(l => l.Name))}";
                var text = ClassWriter.Write(model, fullName, $"{Path.GetFileName(path)} ({names.Next()})");
                AssertIsOnlyTheClass(text, model, fullName);
                models.Add((model, fullName, text));
            }
        }

        Assert.InRange(models.Count, FilesOfAFormat / 3, FilesOfAFormat);
        var sources = models.Take(ClassesBuilt).Select(m => new ModelSource(m.FullName, m.Text)).ToList();
        var (compilation, findings, _) = ModelCompiler.Generate(sources, [ModelCompiler.MachineWidth]);
        Assert.Empty(findings);
        Assert.DoesNotContain(compilation.GetDiagnostics(), d => d.Severity > DiagnosticSeverity.Hidden);
        Assert.All(ModelCompiler.Compile([ModelCompiler.MachineWidth], sources).Zip(models), pair =>
        {
            Assert.Equal(pair.Second.FullName, pair.First.Type.FullName);
            var parameters = pair.First.CreateParameters(pair.Second.Model.Weights);
            Assert.Equal(parameters.Tensors.Select(t => t.Name).Order(), pair.Second.Model.Weights.Keys.Order());
        });
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Nothing_that_a_terminal_obeys_is_printed(string format)
    {
        using var folder = new ToolFolder();
        var names = new NastyNames(100);
        var path = folder[$"100{names.File(format)}"];
        NastyFiles.Formats[format](path, names);
        foreach (var arguments in new string[][]
        {
            ["inspect", path], ["inspect", path, "--json"], ["inspect", path, "--part", names.Next() + "?"],
            ["import", path, "--class", "My.M", "--output", folder["out"]],
            ["inspect", path + names.Next()], ["import", path, "--class", names.Next() + "?"],
        })
        {
            var run = ToolRun.Of(arguments);
            Assert.InRange(run.ExitCode, 0, 2);
            Assert.DoesNotContain("defect", run.Error);
            Assert.All([run.Output, run.Error],
                text => Assert.Equal(text, string.Join(Environment.NewLine, text.Split(Environment.NewLine).Select(VisibleText.Of))));
            Assert.All(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("rnncodegen: ", line));
        }
    }

    private static void AssertIsOnlyTheClass(string text, ModelDescription model, string fullName)
    {
        Assert.All(text.Split('\n'), line => Assert.Equal(line, VisibleText.Of(line)));
        var tree = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.Diagnose));
        Assert.Empty(tree.GetDiagnostics());
        var root = (CompilationUnitSyntax)tree.GetRoot();
        Assert.Equal(["RnnCodegen"], root.Usings.Select(u => u.Name!.ToString()));
        Assert.Empty(root.AttributeLists);
        var space = Assert.IsType<FileScopedNamespaceDeclarationSyntax>(Assert.Single(root.Members));
        var type = Assert.IsType<ClassDeclarationSyntax>(Assert.Single(space.Members));
        Assert.Equal(fullName, $"{space.Name}.{type.Identifier.ValueText}");
        Assert.Equal(model.Layers.Select(l => l.Name),
            type.Members.Select(m => Assert.IsType<PropertyDeclarationSyntax>(m).Identifier.ValueText));
        Assert.All(type.Members.Prepend((MemberDeclarationSyntax)type), m => Assert.Single(Assert.Single(m.AttributeLists).Attributes));
        Assert.All(root.DescendantTrivia(), t => Assert.True(
            t.Kind() is SyntaxKind.WhitespaceTrivia or SyntaxKind.EndOfLineTrivia or SyntaxKind.SingleLineDocumentationCommentTrivia,
            t.Kind().ToString()));
        Assert.Single(root.DescendantTrivia(), t => t.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia));
        Assert.All(root.DescendantNodes(descendIntoTrivia: true).OfType<XmlElementSyntax>(),
            e => Assert.Equal("summary", e.StartTag.Name.ToString()));
        Assert.DoesNotContain(root.DescendantNodes().OfType<LiteralExpressionSyntax>(), l => l.IsKind(SyntaxKind.StringLiteralExpression));
    }
}
