using Microsoft.CodeAnalysis.Diagnostics;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>
/// Which bodies a project wants of each model: its property RnnTargets, whose separators the package's build files make commas.
/// </summary>
/// <param name="Names">Names of the bodies, widest first; all of them where the project says nothing, or something wrong.</param>
/// <param name="Finding">What is wrong with the property; null where nothing is.</param>
internal sealed record TargetSettings(EquatableArray<string> Names, DiagnosticInfo? Finding)
{
    /// <summary>The property, as the compiler sees it.</summary>
    public const string Property = "build_property._RnnTargets";

    public static readonly TargetSettings All = new(Machine.All.Select(t => t.Name).ToEquatableArray(), null);

    /// <summary>The bodies, widest first.</summary>
    public IReadOnlyList<Machine> Targets => [.. Machine.All.Where(t => Names.Contains(t.Name))];

    public static TargetSettings Read(AnalyzerConfigOptions options)
    {
        var words = options.TryGetValue(Property, out var value)
            ? value.Split(',', ';').Select(w => w.Trim()).Where(w => w.Length > 0).ToList()
            : [];
        return words.FirstOrDefault(w => !Machine.All.Any(t => IsNamed(t, w))) is { } unknown
            ? All with { Finding = new DiagnosticInfo(ClassRules.UnknownTarget, null,
                new[] { unknown, string.Join(", ", All.Names) }.ToEquatableArray()) }
            : words.Count == 0 ? All
            : new TargetSettings(Machine.All.Where(t => words.Any(w => IsNamed(t, w))).Select(t => t.Name).ToEquatableArray(), null);
    }

    private static bool IsNamed(Machine target, string word) => string.Equals(target.Name, word, StringComparison.OrdinalIgnoreCase);
}
