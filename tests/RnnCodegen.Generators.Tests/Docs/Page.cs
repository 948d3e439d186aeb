using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RnnCodegen.Generators.Tests;

/// <summary>
/// The C# of a page of documentation, as one program: its fenced blocks of csharp in their order, and, unseen by readers, comments that
/// start with <c>csharp</c>, which give what a block needs but does not show. Directives, statements and types may stand in any block;
/// a comment <c>&lt;!-- new program --&gt;</c> begins another program.
/// </summary>
internal sealed class Page
{
    private const string Usings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Threading; global using System.Threading.Tasks;\n";

    private static readonly CSharpParseOptions s_options = new(LanguageVersion.Latest);

    private Page(string name, List<List<string>> programs) => (Name, Programs) = (name, programs);

    /// <summary>File name, without the folder.</summary>
    public string Name { get; }

    /// <summary>The blocks of each program.</summary>
    public List<List<string>> Programs { get; }

    public static Page Read(string path)
    {
        var programs = new List<List<string>> { new() };
        string? end = null;
        var block = new List<string>();
        foreach (var line in File.ReadAllLines(path))
        {
            if (end is null)
            {
                end = line switch
                {
                    "```csharp" => "```",
                    "<!-- csharp" => "-->",
                    _ => null,
                };
                if (line == "<!-- new program -->")
                {
                    programs.Add([]);
                }
            }
            else if (line == end)
            {
                programs[^1].Add(string.Join('\n', block));
                block.Clear();
                end = null;
            }
            else
            {
                block.Add(line);
            }
        }

        Assert.True(end is null, $"{path}: a block of code has no end.");
        return new Page(Path.GetFileName(path), [.. programs.Where(p => p.Count > 0)]);
    }

    /// <summary>A program and what the generator makes of it.</summary>
    public static Compilation Compile(IReadOnlyList<string> blocks, IEnumerable<MetadataReference> references)
    {
        CompilationUnitSyntax[] units = [.. blocks.Select(b => (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(b, s_options).GetRoot())];
        var statements = units.SelectMany(u => u.Members).OfType<GlobalStatementSyntax>().ToArray();
        var types = units.SelectMany(u => u.Members).Where(m => m is not GlobalStatementSyntax);
        var source = string.Join('\n',
        [
            Usings, .. units.SelectMany(u => u.Usings).Select(u => u.ToString()).Distinct(), .. statements.Select(m => m.ToFullString()),
            .. types.Select(m => m.ToFullString()),
        ]);
        var compilation = CSharpCompilation.Create(
            "Page", [CSharpSyntaxTree.ParseText(source, s_options)], references,
            new CSharpCompilationOptions(
                statements.Length > 0 ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create([new RnnModelGenerator().AsSourceGenerator()], parseOptions: s_options)
            .RunGeneratorsAndUpdateCompilation(compilation, out var output, out var diagnostics);
        Assert.Empty(diagnostics);
        return output;
    }
}
