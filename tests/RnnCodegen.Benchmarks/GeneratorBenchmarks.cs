using BenchmarkDotNet.Attributes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators;

namespace RnnCodegen.Benchmarks;

/// <summary>What the generator adds to a build (cold) and to a key press (after an edit) for one typical model.</summary>
[MemoryDiagnoser]
public class GeneratorBenchmarks
{
    private const string Model =
        """
        using RnnCodegen;

        namespace Typical;

        [RnnModel(InputSize = 40)]
        public partial class KeywordSpotter
        {
            [Gru(64, Layers = 2, Dropout = 0.1f)]
            public partial GruLayer Encoder { get; }

            [Dense(12)]
            public partial DenseLayer Head { get; }
        }
        """;

    private CSharpCompilation _compilation = null!;
    private CSharpCompilation _editedElsewhere = null!;
    private CSharpCompilation _editedModel = null!;
    private GeneratorDriver _warm = null!;

    /// <summary>Compilations before and after an edit, and a driver that has seen the first.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Append(typeof(RnnModelAttribute).Assembly.Location)
            .Distinct()
            .Select(path => MetadataReference.CreateFromFile(path));
        var model = CSharpSyntaxTree.ParseText(Model);
        var other = CSharpSyntaxTree.ParseText("class Other { void M() { } }");
        _compilation = CSharpCompilation.Create(
            "Typical", [model, other], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        _editedElsewhere = _compilation.ReplaceSyntaxTree(other,
            CSharpSyntaxTree.ParseText("class Other { void M() { N(); } void N() { } }"));
        _editedModel = _compilation.ReplaceSyntaxTree(model,
            CSharpSyntaxTree.ParseText(Model.Replace("Gru(64", "Gru(65", StringComparison.Ordinal)));
        _warm = NewDriver().RunGenerators(_compilation);
        var result = _warm.GetRunResult();
        if (result.GeneratedTrees.IsEmpty || result.Results.Any(r => r.Exception is not null))
        {
            throw new InvalidOperationException($"The generator wrote nothing: {string.Join(", ", result.Diagnostics)}");
        }
    }

    /// <summary>A build: a new driver parses, plans and writes the model at all widths.</summary>
    [Benchmark(Baseline = true)]
    public GeneratorDriver Cold() => NewDriver().RunGenerators(_compilation);

    /// <summary>A key press in another file: nothing of the model may be done again.</summary>
    [Benchmark]
    public GeneratorDriver EditElsewhere() => _warm.RunGenerators(_editedElsewhere);

    /// <summary>A key press in the model.</summary>
    [Benchmark]
    public GeneratorDriver EditModel() => _warm.RunGenerators(_editedModel);

    private static GeneratorDriver NewDriver() => CSharpGeneratorDriver.Create(new RnnModelGenerator());
}
