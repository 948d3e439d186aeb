using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>What the generator reads of the numeric tests' models, whose sources lie beside the tests.</summary>
internal static class AnnotatedSpecs
{
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.IO; global using " +
        "System.Linq; global using RnnCodegen;";

    private static readonly Lazy<IReadOnlyDictionary<string, ModelSpec>> s_specs = new(Read);

    /// <summary>The spec of a class.</summary>
    public static ModelSpec Of(Type model) => s_specs.Value[model.FullName!.Replace('+', '.')];

    /// <summary>The sources in a folder beside the tests.</summary>
    public static string[] Texts(string folder) =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, folder), "*.cs").Order(StringComparer.Ordinal)
            .Select(File.ReadAllText)];

    /// <summary>Sources as their projects compile them.</summary>
    public static CSharpCompilation Compile(IEnumerable<string> sources)
    {
        var compilation = Generation.Compilation("");
        var options = (CSharpParseOptions)compilation.SyntaxTrees[0].Options;
        return compilation.AddSyntaxTrees(sources.Append(Usings).Select(s => CSharpSyntaxTree.ParseText(s, options)));
    }

    private static Dictionary<string, ModelSpec> Read()
    {
        var specs = new Dictionary<string, ModelSpec>();
        var generator = new RnnModelGenerator((model, _) =>
        {
            specs.Add(model.HintName, model);
            return EmittedModel.Empty;
        });
        var compilation = Compile(Texts("Models"));
        CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options)
            .RunGenerators(compilation);
        return specs;
    }
}
