using System.Globalization;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators;

namespace RnnCodegen.Interchange.Tests.Conformance;

internal static class StandIn
{
    public static string Write(ModelDescription model, string ns, string name)
    {
        var text = $"namespace {ns} {{ [RnnModel{Arguments(model.Model)}] public partial class {name} {{\n";
        foreach (var layer in model.Layers)
        {
            var kind = layer.Options.GetType().Name.Replace("Attribute", "");
            text += $"[{kind}{Arguments(layer.Options)}] public partial {kind}Layer {layer.Name} {{ get; }}\n";
        }

        return text + "} }";
    }

    private static string Arguments(Attribute attribute)
    {
        var type = attribute.GetType();
        var constructor = type.GetConstructors().Single();
        var parameters = constructor.GetParameters();
        var property = (string n) => type.GetProperty(n, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance)!;
        var values = parameters.Select(p => property(p.Name!).GetValue(attribute)!).ToArray();
        var fresh = constructor.Invoke([.. values.Zip(parameters).Select(v => v.First is IReadOnlyList<string> s && v.Second.ParameterType.IsArray ? s.ToArray() : v.First)]);
        var parts = values.Select(Literal).ToList();
        foreach (var p in type.GetProperties().Where(p => p.CanWrite && p.DeclaringType != typeof(Attribute)))
        {
            var value = p.GetValue(attribute);
            if (!Equals(value, p.GetValue(fresh)))
            {
                parts.Add($"{p.Name} = {Literal(value!)}");
            }
        }

        return parts.Count == 0 ? "" : $"({string.Join(", ", parts)})";
    }

    private static string Literal(object value) => value switch
    {
        bool b => b ? "true" : "false",
        float f => f.ToString("R", CultureInfo.InvariantCulture) + "f",
        string s => $"\"{s}\"",
        Enum e => $"{e.GetType().Name}.{e}",
        IReadOnlyList<string> s => string.Join(", ", s.Select(Literal)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    public static Assembly Compile(IEnumerable<string> sources)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Append(typeof(RnnModelAttribute).Assembly.Location).Distinct().Select(path => MetadataReference.CreateFromFile(path));
        var options = new CSharpParseOptions(LanguageVersion.CSharp13);
        var compilation = CSharpCompilation.Create(
            "Conformance",
            sources.Select(s => CSharpSyntaxTree.ParseText("using System; using RnnCodegen;\n" + s, options)),
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable).WithOptimizationLevel(OptimizationLevel.Release));
        CSharpGeneratorDriver.Create([new RnnModelGenerator().AsSourceGenerator()], parseOptions: options).RunGeneratorsAndUpdateCompilation(compilation, out var output, out var d);
        using var stream = new MemoryStream();
        var result = output.Emit(stream);
        if (!result.Success || d.Any(x => x.Severity == DiagnosticSeverity.Error))
        {
            throw new InvalidOperationException(string.Join("\n", d.Concat(result.Diagnostics).Where(x => x.Severity == DiagnosticSeverity.Error).Take(10)) + "\n" + string.Join("\n", sources.Take(3)));
        }

        return Assembly.Load(stream.ToArray());
    }
}
