using RnnCodegen.Reference;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Lowering;

/// <summary>The numeric tests' models from both sides: what the generator reads, and what the reference does.</summary>
internal static class AnnotatedModels
{
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.IO; global using " +
        "System.Linq; global using RnnCodegen;";

    private static readonly Lazy<IReadOnlyDictionary<string, (ModelSpec Spec, ReferenceModel Reference)>> s_all = new(Read);

    public static IReadOnlyDictionary<string, (ModelSpec Spec, ReferenceModel Reference)> All => s_all.Value;

    private static Dictionary<string, (ModelSpec, ReferenceModel)> Read()
    {
        string[] sources = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Models"), "*.cs").Order(StringComparer.Ordinal)
            .Select(File.ReadAllText)];
        var specs = new List<ModelSpec>();
        var generator = new RnnModelGenerator((model, _) =>
        {
            specs.Add(model);
            return EmittedModel.Empty;
        });
        var compilation = Compile(sources);
        CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options)
            .RunGenerators(compilation);

        // Attributes can be read where layers are plain properties; nothing else is needed of these classes.
        using var stream = new MemoryStream();
        var result = Compile([.. sources.Select(s => Regex.Replace(s, @"\bpartial (\w+Layer\b)", "$1"))]).Emit(stream);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(3)));
        var assembly = Assembly.Load(stream.ToArray());
        var types = assembly.GetTypes().Where(t => t.GetCustomAttribute<RnnModelAttribute>() is not null)
            .ToDictionary(t => t.FullName!.Replace('+', '.'));
        return specs.ToDictionary(s => s.HintName[(s.HintName.IndexOf(".Models.", StringComparison.Ordinal) + 8)..],
            s => (s, ReferenceModel.Of(types[s.HintName])));
    }

    private static CSharpCompilation Compile(IEnumerable<string> sources)
    {
        var compilation = Generation.Compilation("");
        var options = (CSharpParseOptions)compilation.SyntaxTrees[0].Options;
        return compilation.AddSyntaxTrees(sources.Append(Usings).Select(s => CSharpSyntaxTree.ParseText(s, options)));
    }
}
