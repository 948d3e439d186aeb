using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RnnCodegen.Generators.Tests;

/// <summary>Runs the generator on source text, as a build would.</summary>
internal static class Generation
{
    /// <summary>What a project refers to.</summary>
    public static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
        MetadataReference.CreateFromFile(typeof(RnnModelAttribute).Assembly.Location),
    ];

    // What is read of references is read once: compilations that are derived from each other share it.
    private static readonly CSharpCompilation s_empty = CSharpCompilation.Create("Model", references: References,
        options: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Enable)
            .WithWarningLevel(9999).WithOptimizationLevel(OptimizationLevel.Release));

    /// <summary>A library project with unsafe code allowed, documentation checked and the highest warning level.</summary>
    public static CSharpCompilation Compilation(string source, LanguageVersion language = LanguageVersion.CSharp13)
    {
        var options = new CSharpParseOptions(language, DocumentationMode.Diagnose);
        return s_empty.AddSyntaxTrees(CSharpSyntaxTree.ParseText("using System; using RnnCodegen;\n" + source, options, "Model.cs"));
    }

    /// <summary>The generated files by name, and the compilation that holds them.</summary>
    public static (IReadOnlyDictionary<string, string> Files, Compilation Compilation) Run(string source, params AdditionalText[] files) =>
        Run(source, new BuildProperties(), files);

    /// <summary>The same with properties of the project.</summary>
    public static (IReadOnlyDictionary<string, string> Files, Compilation Compilation) Run(string source, BuildProperties properties,
        params AdditionalText[] files)
    {
        var compilation = Compilation(source);
        var driver = CSharpGeneratorDriver.Create(
            [new RnnModelGenerator().AsSourceGenerator()], files, (CSharpParseOptions)compilation.SyntaxTrees[0].Options, properties);
        var result = driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out _).GetRunResult().Results.Single();
        Assert.Null(result.Exception);
        return (result.GeneratedSources.ToDictionary(s => s.HintName, s => s.SourceText.ToString()), output);
    }
}
