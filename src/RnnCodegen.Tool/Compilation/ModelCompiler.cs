using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators;
using RnnCodegen.Interchange;
using RnnCodegen.Runtime;

namespace RnnCodegen.Tool.Compilation;

/// <summary>
/// Builds annotated classes in memory, with the generator, as a build would, and loads them. A model takes about a second, and a
/// compilation some on its own: many models are best built together.
/// </summary>
public static class ModelCompiler
{
    // What projects with implicit usings have.
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Threading; global using System.Threading.Tasks;";

    private static readonly CSharpParseOptions s_parsing = new(LanguageVersion.Latest, DocumentationMode.None);

    private static readonly Lazy<ImmutableArray<MetadataReference>> s_references = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
        MetadataReference.CreateFromFile(typeof(RnnModelAttribute).Assembly.Location),
        MetadataReference.CreateFromFile(typeof(Cuda.CudaOptions).Assembly.Location),
    ]);

    /// <summary>The widest vectors of this machine.</summary>
    public static SimdWidth MachineWidth { get; } =
        Vector512.IsHardwareAccelerated ? SimdWidth.Vector512
        : Vector256.IsHardwareAccelerated ? SimdWidth.Vector256
        : Vector128.IsHardwareAccelerated ? SimdWidth.Vector128 : SimdWidth.Scalar;

    /// <summary>Builds the classes of described models.</summary>
    /// <param name="models">The models and their classes' full names, no two the same.</param>
    /// <returns>The models in the same order.</returns>
    /// <exception cref="ArgumentException">A model cannot be written as a class.</exception>
    /// <exception cref="ModelCompilationException">A class does not build.</exception>
    public static IReadOnlyList<CompiledModel> Compile(params IReadOnlyList<(ModelDescription Model, string FullName)> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        var compiled = Compile([.. models.Select(m => new ModelSource(m.FullName, ClassWriter.Write(m.Model, m.FullName)))]).ToDictionary(
            m => m.Type.FullName!);
        return [.. models.Select(m => compiled[m.FullName])];
    }

    /// <summary>Builds class files together.</summary>
    /// <param name="sources">The files.</param>
    /// <returns>The models of all files, file by file.</returns>
    /// <exception cref="ModelCompilationException">A class does not build; the message lists all errors.</exception>
    public static IReadOnlyList<CompiledModel> Compile(params IReadOnlyList<ModelSource> sources) =>
        Compile(Enum.GetValues<SimdWidth>(), sources);

    /// <summary>Builds class files together, at some widths: each takes its share of the time.</summary>
    /// <param name="widths">The widths at which the models can run.</param>
    /// <param name="sources">The files.</param>
    /// <returns>The models of all files, file by file.</returns>
    /// <exception cref="ModelCompilationException">A class does not build; the message lists all errors.</exception>
    public static IReadOnlyList<CompiledModel> Compile(IReadOnlyCollection<SimdWidth> widths, params IReadOnlyList<ModelSource> sources)
    {
        ArgumentNullException.ThrowIfNull(widths);
        ArgumentNullException.ThrowIfNull(sources);
        var (image, names) = Emit(sources, widths);
        var assembly = new AssemblyLoadContext(name: null, isCollectible: true).LoadFromStream(image);
        return [.. names.Select(name => CompiledModel.Of(assembly.GetType(name, throwOnError: true)!))];
    }

    /// <summary>What the class of a file is, found as the generator finds it, without building it.</summary>
    /// <param name="source">A file with one class.</param>
    /// <exception cref="ModelCompilationException">The generator refuses it; the message lists all errors.</exception>
    public static ModelOutline Outline(ModelSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ModelSummary? read = null;
        var (_, findings, trees) = Generate([source], [MachineWidth], RnnModelGenerator.OfSummaries(model => read = model));
        ThrowIfErrors(findings, trees);
        return ModelOutline.Of(read!);
    }

    /// <summary>The assembly of some class files, and the full names of its models, file by file.</summary>
    internal static (MemoryStream Image, IReadOnlyList<string> Names) Emit(IReadOnlyList<ModelSource> sources,
        IReadOnlyCollection<SimdWidth> widths)
    {
        var (compilation, findings, trees) = Generate(sources, widths);

        // A class that the generator refuses has no generated half, for which the compiler blames each of its properties.
        ThrowIfErrors(findings, trees);
        var image = new MemoryStream();
        ThrowIfErrors(compilation.Emit(image).Diagnostics, trees);
        image.Position = 0;
        return (image, [.. trees.SelectMany(t => ModelNames(compilation, t))]);
    }

    /// <summary>The compilation of some class files with their generated halves, what the generator found, and the files' trees.</summary>
    internal static (CSharpCompilation Compilation, ImmutableArray<Diagnostic> Findings, IReadOnlyList<SyntaxTree> Trees) Generate(
        IReadOnlyList<ModelSource> sources, IReadOnlyCollection<SimdWidth> widths, RnnModelGenerator? generator = null)
    {
        var trees = sources.Select(s => CSharpSyntaxTree.ParseText(s.Text, s_parsing, s.Path)).ToList();
        var compilation = CSharpCompilation.Create(
            $"Models.{Guid.NewGuid():N}",
            trees.Prepend(CSharpSyntaxTree.ParseText(ImplicitUsings, s_parsing)),
            s_references.Value,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable,
                optimizationLevel: OptimizationLevel.Release));
        var driver = CSharpGeneratorDriver.Create([(generator ?? new()).AsSourceGenerator()], parseOptions: s_parsing,
            optionsProvider: new BuildSettings(widths));
        driver.RunGeneratorsAndUpdateCompilation(compilation, out var generated, out var findings);
        return ((CSharpCompilation)generated, findings, trees);
    }

    /// <summary>The models that a file declares, in order, as reflection names them.</summary>
    private static IEnumerable<string> ModelNames(CSharpCompilation compilation, SyntaxTree tree)
    {
        var semantics = compilation.GetSemanticModel(tree);
        return tree.GetRoot().DescendantNodes().OfType<TypeDeclarationSyntax>()
            .Select(node => semantics.GetDeclaredSymbol(node)!)
            .Where(type => type.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == typeof(RnnModelAttribute).FullName))
            .Select(MetadataName)
            .Distinct();
    }

    private static string MetadataName(INamedTypeSymbol type) =>
        type.ContainingType is { } outer ? $"{MetadataName(outer)}+{type.MetadataName}"
        : type.ContainingNamespace.IsGlobalNamespace ? type.MetadataName
        : $"{MetadataName(type.ContainingNamespace)}.{type.MetadataName}";

    // As reflection has it: a keyword without the @.
    private static string MetadataName(INamespaceSymbol space) =>
        space.ContainingNamespace.IsGlobalNamespace
            ? space.MetadataName
            : $"{MetadataName(space.ContainingNamespace)}.{space.MetadataName}";

    /// <summary>
    /// Throws what is wrong in the class files; of what the generator wrote only where they are right, as its faults follow from theirs.
    /// </summary>
    private static void ThrowIfErrors(ImmutableArray<Diagnostic> diagnostics, IReadOnlyList<SyntaxTree> trees)
    {
        // A generator that fails is a warning to the compiler.
        var all = diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error || d.Id == "CS8785").ToList();
        var own = all.Where(d => d.Location.SourceTree is not { } tree || trees.Contains(tree)).ToList();
        var errors = (own.Count > 0 ? own : all)
            .OrderBy(d => d.Location.SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(d => d.Location.SourceSpan.Start)
            .Select(d => new ModelError(
                d.Location.SourceTree?.FilePath ?? trees[0].FilePath, LayerAt(d.Location), d.Id,
                d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)))
            .Distinct().ToList();
        if (own.Count == 0 && errors is [var first, ..])
        {
            var message = $"the code generated for it does not build, which is a defect of RnnCodegen, please report it: {first.Message}";
            errors = [first with { File = trees[0].FilePath, Message = message }];
        }

        if (errors.Count > 0)
        {
            throw new ModelCompilationException(errors);
        }
    }

    private static string? LayerAt(Location location) =>
        location.SourceTree?.GetRoot().FindNode(location.SourceSpan).FirstAncestorOrSelf<PropertyDeclarationSyntax>()?.Identifier.ValueText;
}
